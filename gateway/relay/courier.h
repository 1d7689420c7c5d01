#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/blob.h"
#include "base/clock.h"
#include "base/current.h"
#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/relay/backoff.h"
#include "gateway/relay/settle.h"
#include "gateway/smtp/outcome.h"
#include "gateway/spool/spool.h"

namespace siegel::relay {

/// Carries the spool's items to the next hops: claim, register the next attempt, deliver, settle,
/// report, and only then write or remove the item. A crash anywhere in between doubles something at
/// worst, it never loses. One item is the unit of work: what goes wrong with it is settled or
/// logged, and the next one is carried. Thread-safe; all references must outlive it.
class Courier {
 public:
  /// How one message goes to one next hop: smtp::deliver, unless a test says otherwise. Called by
  /// several threads at once.
  using Deliver = std::function<std::vector<smtp::Outcome>(
      const config::Delivery& hop, const mail::Envelope& envelope, const Blob& octets)>;

  Courier(const Current<config::Config>& config, spool::Spool& spool, const Clock& clock,
          const Log& log);
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  /// Waits for the deliveries that are running.
  ~Courier();

  /// REQUIRES: not started yet.
  void deliver_by(Deliver deliver);

  /// As many threads as relay.retry.couriers says. They wake up when an item is committed or due,
  /// and once a second for what the CLI has changed.
  void start();
  /// No new deliveries; waits for the running ones as long as `grace`. False if one still runs:
  /// ending the process is safe then, its next attempt is registered.
  bool stop(std::chrono::milliseconds grace = std::chrono::seconds(10));

  /// Carries the item that has been due longest; false if there was none. Never throws for what
  /// happens to an item.
  bool carry_one();

 private:
  void carry_or_postpone(spool::Spool::Claim& claim);
  void carry(spool::Spool::Claim& claim);
  [[nodiscard]] Settlement attempt(const spool::Spool::Claim& claim, const spool::Item& item,
                                   const config::Config& config);
  [[nodiscard]] std::vector<smtp::Outcome> deliver(const spool::Item& item, const Blob& message,
                                                   const config::Config& config);
  void conclude(spool::Spool::Claim& claim, const Settlement& settlement,
                const config::Config& config);
  void tell_sender(const Settlement& settlement, const Blob& message, const config::Config& config);

  void run(const std::stop_token& stop);
  void wait(const std::stop_token& stop, std::uint64_t wakes_seen);
  void wake();

  const Current<config::Config>& config_;
  spool::Spool& spool_;
  const Clock& clock_;
  const Log log_;
  Deliver deliver_;
  Backoff backoff_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t wakes_ = 0;  // guarded by mutex_
  std::size_t running_ = 0;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace siegel::relay
