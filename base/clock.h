#pragma once

#include "base/time.h"

namespace siegel {

/// Seam: what time it is, and whether to believe it. The daemons use SystemClock; tests bring their
/// own. Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  /// Something keeps it right, such as NTP. False also where nobody can tell.
  [[nodiscard]] virtual bool is_synchronised() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
  }
  /// What the kernel says: adjtimex(2), STA_UNSYNC.
  [[nodiscard]] bool is_synchronised() const override;
};

}  // namespace siegel
