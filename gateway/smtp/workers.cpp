#include "gateway/smtp/workers.h"

#include <utility>

namespace siegel::smtp {

void Workers::start(Task task) {
  const std::lock_guard lock(mutex_);
  if (idle_ <= tasks_.size()) threads_.emplace_back([this] { work(); });
  tasks_.push_back(std::move(task));
  changed_.notify_one();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return finishing_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds is let go outside of the lock
    lock.lock();
  }
}

void Workers::finish() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace siegel::smtp
