#include "pki/gpg_watchdog.h"

namespace siegel::pki::gpg {

Watchdog::Watchdog(const Home& home, std::chrono::milliseconds patience)
    : home_(home),
      patience_(patience),
      thread_([this](const std::stop_token& stop) { wait(stop); }) {}

Watchdog::~Watchdog() {
  thread_.request_stop();
  thread_.join();
}

bool Watchdog::has_bitten() const {
  const std::lock_guard lock(mutex_);
  return has_bitten_;
}

void Watchdog::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::chrono::milliseconds pause = patience_;
  while (!stopped_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
    has_bitten_ = true;
    home_.kill();
    pause = std::chrono::seconds(1);
  }
}

Error too_late() {
  return {Fault::world,
          "gpg or gpg-agent has not answered for a long time and was ended; try again later, and "
          "see what keeps the machine busy, or stops the processes, if this happens often"};
}

}  // namespace siegel::pki::gpg
