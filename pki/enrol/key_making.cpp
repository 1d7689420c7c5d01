#include "pki/enrol/key_making.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/error.h"
#include "pki/csr.h"

namespace siegel::pki::enrol {
namespace {

Usage usage_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::sign:
      return Usage::sign;
    case Purpose::encrypt:
      return Usage::encrypt;
    case Purpose::both:
      break;
  }
  return Usage::both;
}

/// What a thread of the pool has made for one request.
struct Made {
  std::size_t index = 0;
  std::optional<PrivateKey> key;
  std::string csr;
  std::string trouble;
};

/// Makes keys on all cores; the caller takes them one by one and does the writing.
class Workshop {
 public:
  Workshop(const Office& office, const std::vector<Request>& requests)
      : office_(office), requests_(requests) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < std::min(cores, requests.size()); ++i)
      threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() = default;  // the threads end after the key at which they are

  /// REQUIRES: fewer were taken than there are requests.
  Made take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !made_.empty(); });
    Made made = std::move(made_.front());
    made_.pop_front();
    return made;
  }

 private:
  void work(const std::stop_token& stop) {
    for (std::size_t i = next_++; i < requests_.size() && !stop.stop_requested(); i = next_++) {
      Made made = make(i);
      const std::lock_guard lock(mutex_);
      made_.push_back(std::move(made));
      filled_.notify_one();
    }
  }

  Made make(std::size_t index) const {
    const Request& request = requests_[index];
    try {
      const auto& profile = office_.profile(request.wish.profile);
      PrivateKey key = key_for(request, profile);
      std::string csr = make_csr(key, {.subject = request.subject,
                                       .addresses = {request.wish.mailbox},
                                       .usage = usage_of(request.purpose),
                                       .non_repudiation = profile.keys.non_repudiation});
      return {index, std::move(key), std::move(csr), {}};
    } catch (const Error& error) {
      return {index, std::nullopt, {}, error.what()};
    }
  }

  [[nodiscard]] PrivateKey key_for(const Request& request, const config::CaProfile& profile) const {
    if (request.state == State::authorised) {
      if (!profile.keys.token) return PrivateKey::generate(request.wish.key_type);
      return office_.store.make_key_in_token(request.wish.key_type, request.wish.mailbox.str());
    }
    return office_.key_of(request);
  }

  const Office& office_;
  const std::vector<Request>& requests_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Made> made_;              // guarded by mutex_
  std::vector<std::jthread> threads_;  // last: they use all the others
};

Request kept(const Office& office, Request request, const PrivateKey& key) {
  if (request.state == State::key_ready) return request;
  request.key_id = key.key_id();
  const std::string type(name(request.wish.key_type)), mailbox = request.wish.mailbox.str();
  return office.ledger.advance(
      std::move(request), State::key_ready, office.because("a key of type " + type + " was made"),
      [&](Database::Session& session) {
        office.store.keep_key(session, key, {office.actor, "key-stored", mailbox, key.key_id()});
      });
}

Request ready(const Office& office, Request request, const Made& made) {
  request = kept(office, std::move(request), *made.key);
  request.csr = made.csr;
  return office.ledger.advance(std::move(request), State::csr_ready,
                               office.because("the certification request is made"));
}

}  // namespace

Report make_keys(const Office& office, const Progress& progress) {
  const auto requests = office.ledger.list({.states = {State::authorised, State::key_ready}});
  Workshop workshop(office, requests);
  Report report;
  for (std::size_t done = 1; done <= requests.size(); ++done) {
    const Made made = workshop.take();
    const Request& request = requests[made.index];
    if (!made.key) report.troubles.push_back({called(request), made.trouble});
    if (made.key)
      guard(report, called(request), [&] { report.moved.push_back(ready(office, request, made)); });
    if (progress) progress(done, requests.size());
  }
  return report;
}

}  // namespace siegel::pki::enrol
