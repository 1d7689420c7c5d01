#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "pki/discovery/finder.h"
#include "pki/discovery/learning.h"
#include "pki/keys.h"

namespace siegel::relay {

/// Looks for keys of recipients who have none, where the configuration allows it, in two threads of
/// its own, and lets the keys learn what is found. Nothing is asked twice within the times of the
/// configuration. Without a section `discovery` there are no threads, and nobody is looked for.
/// Thread-safe; all references outlive it.
class Seeker {
 public:
  Seeker(const Current<config::Config>& config, pki::Keys& keys, const Clock& clock,
         const Log& log);
  Seeker(const Seeker&) = delete;
  Seeker& operator=(const Seeker&) = delete;
  ~Seeker();

  /// Also after the configuration has changed: from now on the new places are asked.
  void start();
  /// No new search; waits for the running ones as long as `grace`. False if one still runs: ending
  /// the process is safe then.
  bool stop(std::chrono::milliseconds grace);

  /// These are looked for as soon as a thread is free. Left out are those who were asked for of
  /// late, and everybody beyond 1,000 who wait, which is told once.
  void seek(const std::vector<Address>& addresses);
  /// The same for those whom mail waits for: before all others, whoever waits already is moved to
  /// the front, and if too many wait, the last makes room.
  void seek_first(const std::vector<Address>& addresses);
  /// Waits, at most `time`, until nobody of them is being looked for. False if nobody was, so that
  /// there is nothing new.
  [[nodiscard]] bool wait_for(const std::vector<Address>& addresses,
                              std::chrono::milliseconds time);

 private:
  void run(const std::stop_token& stop);
  void find(pki::discovery::Finder& finder, const Address& address);
  [[nodiscard]] bool take(const Address& address, const pki::discovery::Answer& answer);
  void tell(const Address& address, const pki::discovery::Answer& answer,
            const std::vector<pki::discovery::Lesson>& lessons);
  void tell_rest(const pki::discovery::Answer& answer);
  void put_first(const Address& address);
  void tell_dropped(const Address& address);
  [[nodiscard]] bool is_sought(const std::vector<Address>& addresses) const;

  const Current<config::Config>& config_;
  pki::Keys& keys_;
  const Clock& clock_;
  const Log& log_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<pki::discovery::Finder> finder_;  // guarded by mutex_; null: nobody is asked
  std::deque<Address> waiting_;                     // guarded by mutex_
  std::set<Address> sought_;                        // guarded by mutex_; waiting or being asked for
  std::set<std::string> resting_;                   // guarded by mutex_; as last told
  bool is_full_ = false;                            // guarded by mutex_; as last told
  std::size_t running_ = 0;                         // guarded by mutex_; threads
  std::vector<std::jthread> threads_;               // last: they use all the others
};

}  // namespace siegel::relay
