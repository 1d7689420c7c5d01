#pragma once

#include <atomic>

#include "base/clock.h"

namespace siegel::tests {

/// Time that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = *parse_rfc3339("2026-06-01T12:00:00Z")) : now_(start) {}

  [[nodiscard]] Time now() const override { return now_.load(); }
  [[nodiscard]] bool is_synchronised() const override { return is_synchronised_; }
  void set_synchronised(bool is_synchronised) { is_synchronised_ = is_synchronised; }
  void set(Time time) { now_ = time; }
  void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Time> now_;
  std::atomic<bool> is_synchronised_ = true;
};

}  // namespace siegel::tests
