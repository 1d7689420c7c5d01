#include "gateway/relay/pickup_proofs.h"

#include "base/error.h"
#include "gateway/mail/fields.h"
#include "gateway/transfer/spoken_code.h"

namespace siegel::relay {
namespace {

using transfer::CodeWay;
using transfer::letters::CodesRefused;
using transfer::letters::Proof;

constexpr std::string_view control_field = "X-Siegel-Code-To";

Error no_text_messages() {
  return {Fault::peer,
          "Codes per SMS sind hier nicht eingerichtet: nennen Sie in X-Siegel-Code-To eine zweite "
          "E-Mail-Adresse, oder lassen Sie das Feld weg / codes by text message are not set up "
          "here (transfer.sms_domain): name a second mail address in X-Siegel-Code-To, or leave "
          "the field out"};
}

}  // namespace

CodeWish read_code_wish(const mail::Entity& top, const std::vector<Address>& recipients,
                        const std::string& sms_domain) {
  const mail::Field* const field = top.field(control_field);
  if (field == nullptr) return {};
  if (top.count(control_field) > 1) return {.refused = CodesRefused::several_fields};
  if (recipients.size() != 1) return {.refused = CodesRefused::several_recipients};
  // Not as a structured field: "(0)" of a telephone number is no comment.
  auto way = CodeWay::parse(mail::decode_text(field->body));
  if (!way) return {.refused = CodesRefused::no_way};
  const auto address = way->address(sms_domain);
  if (!address) throw no_text_messages();
  if (transfer::is_same_owner(*address, recipients.front()))
    return {.refused = CodesRefused::same_address};
  return {.way = std::move(way)};
}

std::vector<Proof> make_proofs(const std::vector<mail::Recipient>& recipients,
                               const CodeWish& wish) {
  std::vector<Proof> proofs;
  for (const mail::Recipient& recipient : recipients) {
    Proof proof{.recipient = recipient.address.str(), .code_way = wish.way};
    if (!wish.way) proof.password = transfer::new_spoken_code();
    proofs.push_back(std::move(proof));
  }
  return proofs;
}

}  // namespace siegel::relay
