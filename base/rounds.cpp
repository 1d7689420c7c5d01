#include "base/rounds.h"

#include <exception>

namespace siegel {

void attempt(const Log& log, std::string_view event, std::string_view task,
             const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log.warning(event, {{"task", task}, {"why", error.what()}});
  }
}

void Rounds::start() {
  const std::lock_guard lock(mutex_);
  running_ = true;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

bool Rounds::wait_for_first(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return has_run_; });
}

bool Rounds::stop(std::chrono::milliseconds grace) {
  thread_.request_stop();  // ends the wait between two rounds too
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, grace, [this] { return !running_; })) return false;
  lock.unlock();
  thread_ = {};
  return true;
}

void Rounds::wake() {
  const std::lock_guard lock(mutex_);
  is_due_ = true;
  changed_.notify_all();
}

void Rounds::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    // Taken before the round: who wakes us in the middle of it gets another one.
    is_due_ = false;
    lock.unlock();
    const auto pause = round_();
    lock.lock();
    has_run_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, stop, pause, [this] { return is_due_; });
  }
  running_ = false;
  changed_.notify_all();
}

}  // namespace siegel
