#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace siegel::pki::discovery {

/// For libraries whose calls may wait for ever: shuts the sockets that they use when the time is
/// over, and the call ends with an error. (Debian's libldap has a time limit for everything but its
/// TLS handshake.) A thread of its own waits as long as the object lives.
class Watchdog {
 public:
  explicit Watchdog(std::chrono::steady_clock::time_point deadline);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// This socket instead of the one before. False if the time is over, or it cannot be watched.
  [[nodiscard]] bool watch(int socket);
  /// True once the time was over.
  [[nodiscard]] bool has_bitten() const;

 private:
  void wait(const std::stop_token& stop);
  void let_go();

  std::chrono::steady_clock::time_point deadline_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  int socket_ = -1;          // guarded by mutex_; a duplicate: the library may close its own
  bool has_bitten_ = false;  // guarded by mutex_
  std::jthread thread_;      // last: it uses all the others
};

}  // namespace siegel::pki::discovery
