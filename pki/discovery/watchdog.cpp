#include "pki/discovery/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace siegel::pki::discovery {

Watchdog::Watchdog(std::chrono::steady_clock::time_point deadline)
    : deadline_(deadline), thread_([this](const std::stop_token& stop) { wait(stop); }) {}

Watchdog::~Watchdog() {
  thread_.request_stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  let_go();
}

bool Watchdog::watch(int socket) {
  const std::lock_guard lock(mutex_);
  let_go();
  if (has_bitten_) return false;
  // The number of the library's own socket may be another's by the time that we bite.
  socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  return socket_ >= 0;
}

bool Watchdog::has_bitten() const {
  const std::lock_guard lock(mutex_);
  return has_bitten_;
}

void Watchdog::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (stopped_.wait_until(lock, stop, deadline_, [&] { return stop.stop_requested(); })) return;
  if (stop.stop_requested()) return;
  has_bitten_ = true;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Watchdog::let_go() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

}  // namespace siegel::pki::discovery
