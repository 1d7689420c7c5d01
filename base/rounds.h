#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/log.h"

namespace siegel {

/// The unit of work of a round: whatever `work` throws ends here, as a warning `event` that names
/// the task; the daemon and the other tasks live on, and the next round tries again.
void attempt(const Log& log, std::string_view event, std::string_view task,
             const std::function<void()>& work);

/// A thread that does one thing again and again.
class Rounds {
 public:
  /// Does it once, and answers after what time it is to be done again. Never throws.
  using Round = std::function<std::chrono::milliseconds()>;

  explicit Rounds(Round round) : round_(std::move(round)) {}
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;
  /// Waits for the end of a running round.
  ~Rounds() = default;

  /// The first round runs at once. REQUIRES: not started yet.
  void start();
  /// Waits for the end of the first round. False if it has not ended within `patience`.
  bool wait_for_first(std::chrono::milliseconds patience);
  /// No new round; waits for a running one as long as `grace`. False if it still runs.
  bool stop(std::chrono::milliseconds grace);
  /// The next round runs now, or as soon as a running one has ended.
  void wake();

 private:
  void run(const std::stop_token& stop);

  Round round_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool is_due_ = false;   // guarded by mutex_
  bool has_run_ = false;  // guarded by mutex_
  bool running_ = false;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace siegel
