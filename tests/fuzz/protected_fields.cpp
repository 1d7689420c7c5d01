// A message of any kind gets copies of its fields inside (RFC 9788), and what we made is compared
// with its own head: nothing may differ. The same octets, taken for a protected content that came
// from elsewhere, may be anything, and end in a head that is whole.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "gateway/crypt/header_protection.h"
#include "gateway/crypt/inspect_content.h"
#include "gateway/crypt/inspect_protected.h"
#include "gateway/mail/survey.h"

namespace {

using namespace siegel;
using crypt::HeaderProtection;
using mail::Message;

Message headed(const Octets& fields) {
  Octets head = fields;
  return Message::parse(head.append(std::string("\r\n")).join());
}

void demand_agreement(const Message& content, const Message& outer) {
  crypt::Peeled peeled;
  peeled.verdict.encrypted = peeled.verdict.decrypted = true;
  crypt::compare_protected_fields(peeled, content.top(), outer.top());
  if (!peeled.gap.empty()) std::abort();
}

void protect(const Message& message, HeaderProtection protection) {
  mail::HeadEdit head(message);
  const auto prepared =
      crypt::protected_content(message, head.fields(), protection, crypt::WideCopies::taken);
  crypt::hide_fields(head, message, protection);
  const auto content = Message::parse(prepared.entity.join());
  if (content.top().content_type.parameter("hp").empty()) return;  // it could not be marked
  if (!prepared.must_be_opaque && !mail::survey(content.top().head).is_safe()) std::abort();
  demand_agreement(content, headed(head.fields()));
}

void reveal(const Message& content, const Message& outer) {
  mail::HeadEdit head(outer);
  crypt::reveal_protected_fields(head, content.top(), outer.top());
  const auto shown = headed(head.fields());
  // Whoever wrote what was encrypted cannot write who it is from, nor our verdict.
  if (shown.top().count("From") != 1 || shown.top().count("X-Siegel-Verdict") != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  for (const auto protection : {HeaderProtection::none, HeaderProtection::clear,
                                HeaderProtection::cipher, HeaderProtection::hidden_subject}) {
    try {
      protect(message, protection);
    } catch (const Error& error) {
      if (error.fault() != Fault::peer) throw;
    }
  }
  const auto outer =
      Message::parse(Blob(std::string("From: a@x.example\r\nSubject: [...]\r\n\r\n")));
  reveal(message, outer);
  return 0;
}
