#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace siegel::smtp {

/// Threads that are kept for the next task. There are never more of them than tasks were running
/// at the same time, so whoever bounds the tasks bounds the threads. Thread-safe.
class Workers {
 public:
  using Task = std::function<void()>;

  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { finish(); }

  /// Runs `task` at once, on an idle thread or a new one. `task` must not throw. Throws
  /// std::system_error if the system gives no more threads; then the task is not run.
  void start(Task task);
  /// Waits for all running tasks and ends the threads.
  void finish();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::size_t idle_ = 0;
  bool finishing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace siegel::smtp
