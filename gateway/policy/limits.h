#pragma once

#include <optional>
#include <string_view>

#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"

namespace siegel::policy {

struct BrokenLimit {
  Refusal refusal;
  std::string_view reason;
};

/// The limit at which reading a message ended (STANDARDS §2.6, R-47); nothing if it was read whole.
[[nodiscard]] std::optional<BrokenLimit> broken_limit(const mail::Entity& top);

}  // namespace siegel::policy
