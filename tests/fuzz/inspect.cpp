// A whole message from anybody: parsed, inspected with keys at hand, and made ready for the inside.
// What may be thrown is a refusal of the message; what must hold is that our annotation says our
// verdict.

#include "gateway/crypt/inspect.h"

#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "gateway/crypt/annotate.h"
#include "gateway/crypt/transform.h"
#include "tests/crypt/post.h"

namespace {

using namespace siegel;

const tests::Desk& desk() {
  static const tests::Desk shared(tests::bauamt());
  return shared;
}

Octets received_from_the_world(const mail::Message& message, const crypt::Inspection& seen) {
  config::Config config;
  config.name = "gw.stadt.example";
  mail::Envelope envelope;
  envelope.id = "m1";
  envelope.received = tests::noon();
  policy::Treatment treatment;
  treatment.annotate = treatment.open = true;
  return crypt::transform(config, envelope, message, seen, treatment, nullptr);
}

void demand_one_verdict(const Octets& sent) {
  const auto result = mail::Message::parse(sent.join());
  if (result.top().count("X-Siegel-Verdict") != 1) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message =
      mail::Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  const auto seen =
      crypt::inspect(message, desk().keys, desk().settings, {"m1", siegel::tests::noon()});
  if (seen.verdict.summary() == policy::Summary::good && !seen.verdict.signer_is_author)
    std::abort();
  try {
    demand_one_verdict(received_from_the_world(message, seen));
  } catch (const Error& error) {
    if (error.fault() != Fault::peer) throw;
  }
  return 0;
}
