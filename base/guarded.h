#pragma once

#include <mutex>
#include <utility>

namespace siegel {

/// A value that two threads touch: the only way to it is `with`, which holds the lock meanwhile.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  /// Runs `use(value)` under the lock and returns what it returns. `use` must not call back into
  /// the same Guarded (it would dead-lock) nor keep a reference to the value.
  template <typename Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <typename Use>
  decltype(auto) with(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace siegel
