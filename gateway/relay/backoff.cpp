#include "gateway/relay/backoff.h"

#include <algorithm>

namespace siegel::relay {
namespace {

std::size_t index(config::Side side) {
  return side == config::Side::inside ? 0 : 1;
}

}  // namespace

std::optional<Time> Backoff::closed_until(config::Side side, Time now) const {
  const Pause pause = pauses_.with([&](const auto& pauses) { return pauses[index(side)]; });
  if (now >= pause.until) return std::nullopt;
  return pause.until;
}

void Backoff::unreachable(config::Side side, Time now) {
  pauses_.with([&](auto& pauses) {
    Pause& pause = pauses[index(side)];
    if (now < pause.until) return;  // this one had dialled before the side was closed
    pause.wait = std::clamp(pause.wait * 2, first_wait, longest_wait);
    pause.until = now + pause.wait;
  });
}

void Backoff::reached(config::Side side) {
  pauses_.with([&](auto& pauses) { pauses[index(side)] = {}; });
}

}  // namespace siegel::relay
