#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "base/guarded.h"
#include "base/time.h"
#include "config/config.h"

namespace siegel::relay {

/// Which side's next hop is not dialled for the moment. When it could not be reached, the items for
/// it wait together for 10 seconds, then 20, 40 … at most 5 minutes, instead of each dialling a
/// host that is down; the first that gets any answer opens the side again. Kept in memory: after a
/// restart each side gets one more chance. Thread-safe.
class Backoff {
 public:
  static constexpr std::chrono::seconds first_wait{10};
  static constexpr std::chrono::seconds longest_wait{300};

  /// Until when this side is not to be dialled; nothing if it may be.
  [[nodiscard]] std::optional<Time> closed_until(config::Side side, Time now) const;
  void unreachable(config::Side side, Time now);
  void reached(config::Side side);

 private:
  struct Pause {
    std::chrono::seconds wait{0};
    Time until{};
  };

  Guarded<std::array<Pause, 2>> pauses_;
};

}  // namespace siegel::relay
