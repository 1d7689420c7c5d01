#include "pki/discovery/breaker.h"

#include <algorithm>

namespace siegel::pki::discovery {
namespace {

constexpr int failures_allowed = 3;
constexpr std::chrono::minutes first_rest{1};
constexpr std::chrono::minutes longest_rest{30};

}  // namespace

bool Breaker::admits(Time now) {
  if (state_ == State::closed) return true;
  if (now < until_) return false;
  state_ = State::half_open;
  until_ = now + rest_;  // who asks meanwhile waits for the answer of the first
  return true;
}

void Breaker::succeeded() {
  *this = {};
}

void Breaker::failed(Time now) {
  if (state_ == State::closed && ++failures_ < failures_allowed) return;
  rest_ = rest_.count() == 0 ? std::chrono::seconds(first_rest)
                             : std::min(2 * rest_, std::chrono::seconds(longest_rest));
  state_ = State::open;
  until_ = now + rest_;
}

}  // namespace siegel::pki::discovery
