#pragma once

#include <chrono>

#include "base/time.h"

namespace siegel::pki::discovery {

/// A circuit breaker: after three failures in a row whoever failed is left alone, first for a
/// minute, then for twice as long each time, at most for half an hour. Then one question is let
/// through, and its answer decides. A value; not thread-safe.
class Breaker {
 public:
  enum class State {
    closed,     ///< everything passes
    open,       ///< nothing passes
    half_open,  ///< one question has passed, and its answer is awaited
  };

  /// True if a question may be asked now; then succeeded() or failed() must follow.
  [[nodiscard]] bool admits(Time now);
  void succeeded();
  void failed(Time now);

  [[nodiscard]] State state() const noexcept { return state_; }
  /// When it was opened, until when; else 1970.
  [[nodiscard]] Time opens_until() const noexcept { return until_; }

 private:
  State state_ = State::closed;
  int failures_ = 0;
  std::chrono::seconds rest_{};
  Time until_{};
};

}  // namespace siegel::pki::discovery
