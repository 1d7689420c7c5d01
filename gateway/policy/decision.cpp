#include "gateway/policy/decision.h"

namespace siegel::policy {

std::string_view name(Action action) noexcept {
  switch (action) {
    case Action::relay:
      return "relay";
    case Action::pickup:
      return "pickup";
    case Action::hold:
      return "hold";
    case Action::refuse:
      break;
  }
  return "refuse";
}

}  // namespace siegel::policy
