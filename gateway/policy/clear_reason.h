#pragma once

#include <optional>
#include <string_view>

#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/intent.h"
#include "gateway/policy/verdict.h"

namespace siegel::policy {

/// Why a message to somebody outside was not encrypted: the one word behind "why was this mail not
/// encrypted?". Whether it was is in its route; this says why not.
enum class ClearReason {
  incoming,    ///< it came from outside; what is inside stays readable
  already,     ///< its sender had encrypted it
  by_rule,     ///< the rule says never, or the message asked for it
  report,      ///< a delivery report or a read receipt, which machines read
  fragment,    ///< a part of a message, or a pointer to one
  no_sender,   ///< there is nobody who could have a key
  invitation,  ///< mail programs would show it as text
  no_key,      ///< no key of the recipient that may be used was known
};
[[nodiscard]] std::string_view name(ClearReason reason) noexcept;

/// What a message was, when it was decided about.
struct Judged {
  const config::Config& config;
  const mail::Envelope& envelope;
  const mail::Entity& top;
  const Verdict& verdict;
};

/// Why a message goes to its recipients unencrypted, to those to whom it does. Pure; what is the
/// same for all is looked at once. What `judged` refers to must outlive it.
class ClearReasons {
 public:
  explicit ClearReasons(const Judged& judged);

  [[nodiscard]] ClearReason for_recipient(const Address& recipient) const;

 private:
  Judged judged_;
  Kind kind_;
  Intent intent_;
  std::optional<Address> from_;
  bool is_author_clear_ = false;
};

}  // namespace siegel::policy
