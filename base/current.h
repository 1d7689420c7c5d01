#pragma once

#include <memory>
#include <utility>

#include "base/guarded.h"

namespace siegel {

/// An immutable value that is replaced as a whole, such as the configuration in force. A unit of
/// work calls load() once and keeps the snapshot to its end, so that a reload never changes the
/// rules in the middle of a message. Safe for any number of threads.
template <typename T>
class Current {
 public:
  explicit Current(std::shared_ptr<const T> first) : value_(std::move(first)) {}

  [[nodiscard]] std::shared_ptr<const T> load() const {
    return value_.with([](const auto& value) { return value; });
  }
  void store(std::shared_ptr<const T> next) {
    value_.with([&](auto& value) { value.swap(next); });
  }

 private:
  Guarded<std::shared_ptr<const T>> value_;
};

}  // namespace siegel
