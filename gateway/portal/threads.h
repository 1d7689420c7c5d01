#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <vector>

#include <pthread.h>

namespace siegel::portal {

/// A thread for each task, with a small stack: thousands of them wait for slow clients at one time.
/// Whoever bounds the tasks bounds the threads. Thread-safe.
class Threads {
 public:
  using Task = std::function<void()>;

  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { finish(); }

  /// Runs `task` on a thread of its own. `task` must not throw. Throws Error{world} if the system
  /// gives no more threads; then the task is not run.
  void start(Task task);
  /// Waits for all tasks. No other thread may start any meanwhile.
  void finish();

 private:
  struct Thread {
    pthread_t handle{};
    Task task;
    Threads* owner = nullptr;
    std::list<Thread>::iterator place;
  };

  static void* run(void* thread);
  void join_ended();

  std::mutex mutex_;
  std::list<Thread> running_;
  std::list<Thread> ended_;  // whose handle waits to be joined
};

}  // namespace siegel::portal
