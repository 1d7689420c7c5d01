#include "gateway/portal/threads.h"

#include <csignal>

#include "base/error.h"

namespace siegel::portal {
namespace {

// Room for handlers; only what is touched costs memory. Sanitizers make frames several times
// larger.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_size = std::size_t{2} << 20U;
#else
constexpr std::size_t stack_size = std::size_t{512} << 10U;
#endif

}  // namespace

void Threads::start(Task task) {
  join_ended();
  const std::lock_guard lock(mutex_);
  Thread& thread = running_.emplace_back();
  thread.task = std::move(task);
  thread.owner = this;
  thread.place = std::prev(running_.end());
  pthread_attr_t attributes{};
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_size);
  const int failed = pthread_create(&thread.handle, &attributes, run, &thread);
  pthread_attr_destroy(&attributes);
  if (failed == 0) return;
  running_.pop_back();
  throw system_error("pthread_create", failed);
}

void* Threads::run(void* thread) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL: a client that has gone must not end the daemon.
  sigset_t pipe{};
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  auto& self = *static_cast<Thread*>(thread);
  self.task();
  self.task = nullptr;
  Threads& owner = *self.owner;
  const std::lock_guard lock(owner.mutex_);
  owner.ended_.splice(owner.ended_.end(), owner.running_, self.place);
  return nullptr;
}

void Threads::join_ended() {
  std::list<Thread> ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
  }
  for (const Thread& thread : ended) pthread_join(thread.handle, nullptr);
}

void Threads::finish() {
  while (true) {
    pthread_t next{};
    {
      const std::lock_guard lock(mutex_);
      if (running_.empty()) break;
      next = running_.front().handle;
    }
    // Only we join: whoever ends meanwhile goes to `ended_`, and from there he is not joined twice.
    pthread_join(next, nullptr);
    const std::lock_guard lock(mutex_);
    ended_.remove_if([&](const Thread& thread) { return pthread_equal(thread.handle, next) != 0; });
  }
  join_ended();
}

}  // namespace siegel::portal
