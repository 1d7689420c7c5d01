#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"
#include "config/config.h"
#include "gateway/policy/intent.h"

namespace siegel::policy {

/// What the rules and the message's own wish demand for one recipient.
struct Demand {
  config::SignDemand sign = config::SignDemand::if_possible;
  config::EncryptDemand encrypt = config::EncryptDemand::if_possible;
  config::WithoutKey without_key = config::WithoutKey::refuse;
  config::SchemeChoice scheme = config::SchemeChoice::last_used;
  bool replace_signature = false;
  bool hide_subject = false;
  bool invitations = false;
  std::optional<std::uint64_t>
      offload{};       ///< attachments that together have more octets go by link
  std::string origin;  ///< which rule, and which wish of the message changed it
};

/// Who writes to whom.
struct Pair {
  const std::optional<Address>& from;
  const Address& to;
  /// False if `from` is only the reverse-path, because the From field names nobody clearly. Then a
  /// rule that requires encryption counts as meant, whoever it is about: it fails closed.
  bool is_author_clear = true;
};

/// The first rule that matches, else the built-in one (sign and encrypt if possible); then the
/// message's wish. Whoever asks for encryption gets it or a refusal, whatever the rule says, unless
/// the rule itself is about that wish; `plain` waives only what is if-possible; `sign` makes
/// if-possible `always`.
[[nodiscard]] Demand demand_for(const config::Rules& rules, const Intent& intent, const Pair& pair);

}  // namespace siegel::policy
