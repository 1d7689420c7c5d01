#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace siegel::pki::enrol {

/// When to ask again a CA that wants to be asked after `wait`: never so soon that it is pestered,
/// never so late that an approval lies about for days.
[[nodiscard]] inline Time next_try(Time now, std::chrono::seconds wait) {
  constexpr std::chrono::seconds soonest{30};
  constexpr std::chrono::seconds latest{std::chrono::hours(24)};
  return now + std::clamp(wait, soonest, latest);
}

}  // namespace siegel::pki::enrol
