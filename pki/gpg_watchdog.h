#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "pki/gpg_home.h"

namespace siegel::pki::gpg {

/// One operation of gpg takes no longer: a key of RSA-4096 is made in it, and the largest mail
/// encrypted, on a machine that is busy.
constexpr std::chrono::seconds longest_operation{120};

/// GpgME waits for gpg, and gpg for its agent, for ever; gpgme_cancel_async of GpgME 1.18 is
/// noticed only when gpg says something. So this kills what works in a home when the time is over,
/// and again each second while the operation lasts: then it ends. A thread of its own waits as long
/// as the object lives.
class Watchdog {
 public:
  Watchdog(const Home& home, std::chrono::milliseconds patience);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// True once the time was over: whatever came of the operation is worth nothing.
  [[nodiscard]] bool has_bitten() const;

 private:
  void wait(const std::stop_token& stop);

  const Home& home_;
  std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  bool has_bitten_ = false;  // guarded by mutex_
  std::jthread thread_;      // last: it uses all the others
};

/// gpg, or its agent, did not answer in time.
[[nodiscard]] Error too_late();

/// What `work()` returns that asks gpg in `home`. Throws too_late() if it lasts longer.
template <typename Work>
auto in_time(const Home& home, std::chrono::milliseconds patience, const Work& work) {
  const Watchdog watchdog(home, patience);
  try {
    auto result = work();
    if (watchdog.has_bitten()) throw too_late();
    return result;
  } catch (const Error&) {
    if (watchdog.has_bitten()) throw too_late();
    throw;
  }
}

}  // namespace siegel::pki::gpg
