#include "gateway/relay/housekeeper.h"

#include "base/error.h"
#include "pki/lists.h"

namespace siegel::relay {
namespace {

constexpr std::chrono::minutes round_time{1};
constexpr std::chrono::days expiry_warning{30};

}  // namespace

Housekeeper::Housekeeper(const Current<config::Config>& config, pki::KeyStore& store,
                         spool::Spool& spool, const Clock& clock, const Log& log)
    : config_(config), store_(store), spool_(spool), clock_(clock), log_(log) {}

void Housekeeper::start(std::chrono::seconds patience) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, patience, [this] { return rounds_ > 0; })) return;
  log_.warning("revocation_lists_late",
               {{"what", "serving mail while lists are still being fetched"}});
}

void Housekeeper::stop() {
  thread_ = {};
}  // asks, ends the wait through its stop token, and joins

void Housekeeper::wake() {
  const std::lock_guard lock(mutex_);
  is_due_ = true;
  changed_.notify_all();
}

void Housekeeper::run(const std::stop_token& stop) {
  report_expiring();
  while (!stop.stop_requested()) {
    // Taken before the round: who wakes us in the middle of it gets another one.
    std::unique_lock lock(mutex_);
    is_due_ = false;
    lock.unlock();
    round();
    lock.lock();
    ++rounds_;
    changed_.notify_all();
    changed_.wait_for(lock, stop, round_time, [this] { return is_due_; });
  }
}

void Housekeeper::round() {
  refresh_lists();
  report_damaged();
}

void Housekeeper::refresh_lists() {
  try {
    pki::refresh_lists(*config_.load(), store_, clock_, log_);
  } catch (const Error& error) {
    log_.warning("housekeeping_failed", {{"task", "revocation lists"}, {"why", error.what()}});
  }
}

void Housekeeper::report_damaged() {
  for (const std::string& id : spool_.take_damaged()) {
    log_.alarm(
        "item_damaged",
        {{"id", id}, {"what", "set aside in the spool's folder damaged/, please look at it"}});
  }
}

void Housekeeper::report_expiring() {
  try {
    const Time soon = clock_.now() + expiry_warning;
    for (const pki::OwnCertificate& own : store_.own_certificates()) {
      if (!own.signs_now || own.certificate.not_after() > soon) continue;
      log_.warning("certificate_expires", {{"mailbox", own.mailbox.str()},
                                           {"until", rfc3339(own.certificate.not_after())},
                                           {"certificate", own.certificate.fingerprint()}});
    }
  } catch (const Error& error) {
    log_.warning("housekeeping_failed", {{"task", "expiring certificates"}, {"why", error.what()}});
  }
}

}  // namespace siegel::relay
