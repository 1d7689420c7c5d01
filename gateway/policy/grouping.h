#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"

/// Recipients that are treated alike share a route, so that a message is built once for all of
/// them.
namespace siegel::policy {

/// The route of one recipient, before others join it.
struct Plan {
  Route route;
  std::string remark{};  ///< about this recipient alone; does not part it from others
};

/// The plans as few routes, in the order of their first recipients. STANDARDS §2.5: the list of
/// keys shows whom else a message was encrypted to, so that a recipient whom the fields To and Cc
/// of `top` do not name (Bcc) gets an encrypted message of its own. One key per recipient, each key
/// once.
[[nodiscard]] Decision grouped(std::vector<Plan> plans, const mail::Entity& top);

}  // namespace siegel::policy
