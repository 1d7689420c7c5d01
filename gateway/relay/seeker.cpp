#include "gateway/relay/seeker.h"

#include <algorithm>

#include "base/rounds.h"
#include "pki/discovery/places.h"

namespace siegel::relay {
namespace {

using pki::discovery::Answer;
using pki::discovery::Finder;

constexpr std::size_t threads = 2;
constexpr std::size_t waiting_limit = 1'000;

std::shared_ptr<Finder> finder_for(const config::Config& config, const Clock& clock) {
  auto places = pki::discovery::places(config.discovery);
  if (places.empty()) return nullptr;
  return std::make_shared<Finder>(std::move(places), pki::discovery::terms(config.discovery),
                                  clock);
}

std::string results(const std::vector<pki::discovery::Lesson>& lessons) {
  std::string text;
  for (const auto& [fingerprint, learned, trouble] : lessons)
    text += (text.empty() ? "" : ", ") + (fingerprint.empty() ? "unread" : fingerprint) + ' ' +
            std::string(name(learned));
  return text;
}

/// What was passed over, of the answer and of its keys.
std::string notes(const Answer& answer, const std::vector<pki::discovery::Lesson>& lessons) {
  std::string text = answer.trouble;
  for (const auto& lesson : lessons) {
    if (lesson.trouble.empty()) continue;
    text += (text.empty() ? "" : "; ") + lesson.trouble;
  }
  return text;
}

}  // namespace

Seeker::Seeker(const Current<config::Config>& config, pki::Keys& keys, const Clock& clock,
               const Log& log)
    : config_(config), keys_(keys), clock_(clock), log_(log) {}

Seeker::~Seeker() {
  static_cast<void>(stop({}));
}

void Seeker::start() {
  auto finder = finder_for(*config_.load(), clock_);
  const std::lock_guard lock(mutex_);
  finder_ = std::move(finder);
  while (finder_ && threads_.size() < threads) {
    ++running_;
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

bool Seeker::stop(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  waiting_.clear();
  sought_.clear();
  for (std::jthread& thread : threads_) thread.request_stop();
  changed_.notify_all();
  return changed_.wait_for(lock, grace, [&] { return running_ == 0; });
}

void Seeker::seek(const std::vector<Address>& addresses) {
  const std::lock_guard lock(mutex_);
  if (!finder_) return;
  for (const Address& address : addresses) {
    if (sought_.contains(address) || !finder_->is_worth_asking(address)) continue;
    if (waiting_.size() >= waiting_limit) {
      tell_dropped(address);
      break;
    }
    is_full_ = false;
    sought_.insert(address);
    waiting_.push_back(address);
  }
  changed_.notify_all();
}

void Seeker::seek_first(const std::vector<Address>& addresses) {
  const std::lock_guard lock(mutex_);
  if (!finder_) return;
  for (const Address& address : addresses) put_first(address);
  changed_.notify_all();
}

/// Whoever is being asked for already is left alone.
void Seeker::put_first(const Address& address) {
  const bool is_waiting = std::erase(waiting_, address) > 0;
  if (!is_waiting && (sought_.contains(address) || !finder_->is_worth_asking(address))) return;
  sought_.insert(address);
  waiting_.push_front(address);
  if (waiting_.size() <= waiting_limit) return;
  tell_dropped(waiting_.back());
  sought_.erase(waiting_.back());
  waiting_.pop_back();
}

/// Once, until there is room again.
void Seeker::tell_dropped(const Address& address) {
  if (is_full_) return;
  is_full_ = true;
  log_.warning("key_search_full",
               {{"peer", address.str()},
                {"waiting", waiting_.size()},
                {"what",
                 "so many wait already: no key is looked for until there is room; mail "
                 "that must be encrypted goes before"}});
}

bool Seeker::is_sought(const std::vector<Address>& addresses) const {
  return std::ranges::any_of(addresses,
                             [&](const Address& address) { return sought_.contains(address); });
}

bool Seeker::wait_for(const std::vector<Address>& addresses, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  if (!is_sought(addresses)) return false;
  changed_.wait_for(lock, time, [&] { return !is_sought(addresses); });
  return true;
}

void Seeker::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    const Address address = std::move(waiting_.front());
    waiting_.pop_front();
    const auto finder = finder_;
    lock.unlock();
    if (finder) find(*finder, address);
    lock.lock();
    sought_.erase(address);
    changed_.notify_all();
  }
  --running_;
  changed_.notify_all();
}

void Seeker::find(Finder& finder, const Address& address) {
  attempt(log_, "key_search_failed", address.str(), [&] {
    finder.find(address, [&](const Answer& answer) { return take(address, answer); });
  });
}

bool Seeker::take(const Address& address, const Answer& answer) {
  tell_rest(answer);
  if (answer.outcome == Answer::Outcome::resting) return false;
  const auto lessons = learn(keys_, address, answer, clock_.now());
  tell(address, answer, lessons);
  return is_of_use(lessons);
}

void Seeker::tell(const Address& address, const Answer& answer,
                  const std::vector<pki::discovery::Lesson>& lessons) {
  if (answer.outcome == Answer::Outcome::failed) {
    log_.warning("key_search", {{"peer", address.str()},
                                {"asked", answer.asked},
                                {"outcome", name(answer.outcome)},
                                {"why", answer.trouble}});
    return;
  }
  log_.info("key_search", {{"peer", address.str()},
                           {"asked", answer.asked},
                           {"outcome", name(answer.outcome)},
                           {"result", results(lessons)},
                           {"note", notes(answer, lessons)}});
}

/// That somebody is left alone, and that he answers again, is told once each.
void Seeker::tell_rest(const Answer& answer) {
  const std::lock_guard lock(mutex_);
  if (answer.outcome == Answer::Outcome::resting) {
    if (resting_.insert(answer.asked).second)
      log_.warning("key_source_rests", {{"asked", answer.asked}, {"what", answer.trouble}});
  } else if (answer.outcome != Answer::Outcome::failed && resting_.erase(answer.asked) > 0) {
    log_.info("key_source_answers_again", {{"asked", answer.asked}});
  }
}

}  // namespace siegel::relay
