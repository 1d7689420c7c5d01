#include "gateway/relay/courier.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "gateway/relay/notice.h"
#include "gateway/smtp/client.h"

namespace siegel::relay {
namespace {

using Kind = smtp::Outcome::Kind;
using Fate = Settlement::Fate;

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::delivered:
      return "delivered";
    case Kind::relayed:
      return "relayed";
    case Kind::deferred:
      return "deferred";
    case Kind::refused:
      return "refused";
  }
  return "unknown";
}

std::string_view name(config::Side side) {
  return side == config::Side::inside ? "inside" : "world";
}

/// True if the next hop gave no answer to anything.
bool is_unreachable(const std::vector<smtp::Outcome>& outcomes) {
  return std::ranges::all_of(outcomes, [](const smtp::Outcome& outcome) {
    return outcome.kind == Kind::deferred && outcome.remote_host.empty();
  });
}

/// What an attempt would say that is not made because the side is closed.
std::vector<smtp::Outcome> not_dialled(const spool::Item& item) {
  const std::string why =
      "the next hop cannot be reached" + (item.last_answer.empty() ? "" : ": " + item.last_answer);
  std::vector<smtp::Outcome> outcomes;
  for (const mail::Recipient& recipient : item.consignment.envelope.recipients)
    outcomes.push_back({recipient, Kind::deferred, "4.4.1", "", why});
  return outcomes;
}

}  // namespace

Courier::Courier(const Current<config::Config>& config, spool::Spool& spool, const Clock& clock,
                 const Log& log)
    : config_(config), spool_(spool), clock_(clock), log_(log) {
  deliver_ = [this](const config::Delivery& hop, const mail::Envelope& envelope,
                    const Blob& octets) {
    return smtp::deliver(hop, config_.load()->name, envelope, octets);
  };
  spool_.on_commit([this] { wake(); });
}

Courier::~Courier() {
  spool_.on_commit({});
  for (std::jthread& thread : threads_) thread.request_stop();
}

void Courier::deliver_by(Deliver deliver) {
  deliver_ = std::move(deliver);
}

// --- one item -----------------------------------------------------------------------------------

bool Courier::carry_one() {
  try {
    auto claim = spool_.claim_due(clock_.now());
    if (!claim) return false;
    carry_or_postpone(*claim);
    return true;
  } catch (const std::exception& error) {
    log_.alarm("spool_failed", {{"why", error.what()}});
    return false;
  }
}

/// What cannot be written down now, for a full disk say, is tried again in a minute. Nothing is
/// dialled until it can: the attempt could not be registered.
void Courier::carry_or_postpone(spool::Spool::Claim& claim) {
  constexpr std::chrono::minutes before_next{1};
  try {
    carry(claim);
  } catch (const std::exception& error) {
    log_.alarm("item_failed", {{"id", claim.item().id}, {"why", error.what()}});
    claim.postpone(clock_.now() + before_next);
  }
}

void Courier::carry(spool::Spool::Claim& claim) {
  const auto config = config_.load();
  const config::Retry& retry = config->relay.retry;
  const spool::Item item = claim.item();
  const Time now = clock_.now();
  if (const auto until = backoff_.closed_until(item.consignment.towards, now)) {
    if (has_news(item, retry, now)) {
      conclude(claim, settle(item, not_dialled(item), retry, now), *config);
    } else {
      claim.postpone(*until);
    }
    return;
  }
  const spool::Item registration = registered(item, retry, now);
  // An item that was never tried has its next attempt registered since its commit.
  if (item.next_attempt <= now) claim.update(registration);
  conclude(claim, attempt(claim, registration, *config), *config);
}

Settlement Courier::attempt(const spool::Spool::Claim& claim, const spool::Item& item,
                            const config::Config& config) {
  const config::Retry& retry = config.relay.retry;
  try {
    const auto outcomes = deliver(item, claim.message(), config);
    return settle(item, outcomes, retry, clock_.now());
  } catch (const Error& error) {
    log_.warning("delivery_failed", {{"id", item.id}, {"why", error.what()}});
    return settle(item, error, retry, clock_.now());
  } catch (const std::exception& error) {  // what a library threw at us is a bug of ours
    log_.warning("delivery_failed", {{"id", item.id}, {"why", error.what()}});
    const Error bug(Fault::ours, "internal error, please report it", error.what());
    return settle(item, bug, retry, clock_.now());
  }
}

std::vector<smtp::Outcome> Courier::deliver(const spool::Item& item, const Blob& message,
                                            const config::Config& config) {
  const config::Side side = item.consignment.towards;
  const config::Delivery& hop =
      side == config::Side::inside ? config.relay.inside : config.relay.world;
  auto outcomes = deliver_(hop, item.consignment.envelope, message);
  if (is_unreachable(outcomes)) {
    backoff_.unreachable(side, clock_.now());
  } else {
    backoff_.reached(side);
  }
  for (const smtp::Outcome& outcome : outcomes) {
    log_.info(name(outcome.kind), {{"id", item.id},
                                   {"to", outcome.recipient.address.str()},
                                   {"side", name(side)},
                                   {"host", outcome.remote_host},
                                   {"status", outcome.status},
                                   {"answer", outcome.text}});
  }
  return outcomes;
}

/// What the sender must know is durable before the item changes: a crash in between tells him
/// twice, never not at all.
void Courier::conclude(spool::Spool::Claim& claim, const Settlement& settlement,
                       const config::Config& config) {
  const spool::Item& item = settlement.item;
  if (!settlement.reports.empty()) tell_sender(settlement, claim.message(), config);
  if (settlement.failed > 0 && !item.consignment.envelope.reverse_path)
    log_.warning("undeliverable", {{"id", item.id},
                                   {"recipients", settlement.failed},
                                   {"what", "came from the null reverse-path: nobody is told"}});
  switch (settlement.fate) {
    case Fate::done:
      claim.remove();
      log_.info("finished", {{"id", item.id}, {"failed", settlement.failed}});
      break;
    case Fate::retry:
      claim.update(item);
      log_.info("retry", {{"id", item.id},
                          {"attempts", item.attempts},
                          {"next", rfc3339(item.next_attempt)},
                          {"answer", item.last_answer}});
      break;
    case Fate::hold:
      claim.update(item);
      log_.alarm("held", {{"id", item.id},
                          {"why", item.last_answer},
                          {"what", "see siegel queue show, then retry or delete it"}});
      break;
  }
}

void Courier::tell_sender(const Settlement& settlement, const Blob& message,
                          const config::Config& config) {
  const Notice notice = make_notice(config, settlement, message, clock_.now());
  const mail::Envelope& envelope = notice.consignment.envelope;
  auto batch = spool_.begin(envelope);
  batch.add(notice.consignment, notice.octets);
  batch.commit();
  log_.info("reported", {{"id", settlement.item.id},
                         {"report", envelope.id},
                         {"to", envelope.recipients.front().address.str()}});
}

// --- threads ------------------------------------------------------------------------------------

void Courier::start() {
  const auto config = config_.load();
  const std::size_t couriers = std::max<std::size_t>(1, config->relay.retry.couriers);
  const std::lock_guard lock(mutex_);
  for (; running_ < couriers; ++running_)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

bool Courier::stop(std::chrono::milliseconds grace) {
  for (std::jthread& thread : threads_) thread.request_stop();
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, grace, [this] { return running_ == 0; })) return false;
  lock.unlock();
  threads_.clear();
  return true;
}

void Courier::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    const std::uint64_t wakes_seen =
        wakes_;  // before the look: what is committed after it wakes us
    lock.unlock();
    if (!carry_one()) wait(stop, wakes_seen);
  }
  const std::lock_guard lock(mutex_);
  --running_;
  changed_.notify_all();
}

void Courier::wait(const std::stop_token& stop, std::uint64_t wakes_seen) {
  using std::chrono::milliseconds;
  constexpr milliseconds shortest{10}, longest{1000};
  const auto due = spool_.next_due();
  const auto until_due = due ? *due - clock_.now() : longest;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, std::clamp<milliseconds>(until_due, shortest, longest),
                    [&] { return wakes_ != wakes_seen; });
}

void Courier::wake() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  changed_.notify_all();
}

}  // namespace siegel::relay
