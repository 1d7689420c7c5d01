#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/transfer/pickup_letters.h"

namespace siegel::relay {

/// What the control field `X-Siegel-Code-To` of a message asks for, and why it is not followed.
struct CodeWish {
  std::optional<transfer::CodeWay> way{};
  std::optional<transfer::letters::CodesRefused> refused{};  ///< then there is no way
};

/// `recipients` are all that pick the message up. Throws Error{peer} for a telephone if no domain
/// for text messages is set up: `sms_domain` is empty.
[[nodiscard]] CodeWish read_code_wish(const mail::Entity& top,
                                      const std::vector<Address>& recipients,
                                      const std::string& sms_domain);

/// What each of them has to show: where the wish says so a code, else a new password.
[[nodiscard]] std::vector<transfer::letters::Proof> make_proofs(
    const std::vector<mail::Recipient>& recipients, const CodeWish& wish);

}  // namespace siegel::relay
