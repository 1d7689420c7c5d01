#pragma once

#include <atomic>
#include <chrono>

namespace siegel::smtp {

/// Tells all sessions of a server that it ends, however deep they wait: its descriptor becomes
/// readable and stays so. Thread-safe.
class StopSignal {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  /// Whoever is in the middle of a transaction may go on until `last_moment`.
  void raise(Moment last_moment);
  [[nodiscard]] bool raised() const { return raised_.load(); }
  [[nodiscard]] Moment last_moment() const { return last_moment_.load(); }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
  std::atomic<bool> raised_{false};
  std::atomic<Moment> last_moment_{Moment::max()};
};

}  // namespace siegel::smtp
