#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "base/rounds.h"
#include "config/config.h"
#include "gateway/spool/spool.h"
#include "pki/store.h"

namespace siegel::relay {

/// One thread for what must happen without a message: revocation lists are refreshed; the status of
/// certificates that messages have left unknown is asked for, within seconds; a wrong clock,
/// damaged items, peers without a usable key left, mailboxes that cannot sign any more and
/// certificates that end soon are reported. Each task is a unit of work of its own: one that fails
/// is logged and tried again at the next round.
class Housekeeper {
 public:
  Housekeeper(const Current<config::Config>& config, pki::KeyStore& store, spool::Spool& spool,
              const Clock& clock, const Log& log);

  /// The first round runs at once. Waits for its end, so that the first message meets the
  /// revocation lists, but not longer than `patience`: a list that cannot be fetched must not keep
  /// mail waiting.
  void start(std::chrono::seconds patience);
  /// Waits for a running round as long as `grace`. False if it still runs, in a list that is being
  /// fetched: ending the process is safe then.
  bool stop(std::chrono::milliseconds grace) { return rounds_.stop(grace); }
  /// The next round runs now: the configuration has changed.
  void wake();

 private:
  std::chrono::milliseconds go_on();
  void round();
  void refresh_statuses() const;
  void care_for_statuses() const;
  void report_clock();
  void report_damaged() const;
  void report_expired_peers() const;
  void report_mailboxes();
  void report_expiring();

  const Current<config::Config>& config_;
  pki::KeyStore& store_;
  spool::Spool& spool_;
  const Clock& clock_;
  const Log& log_;
  std::atomic<bool> is_due_ = true;
  std::chrono::steady_clock::time_point next_round_{};
  std::map<std::string, std::string> silent_;  // mailbox and why it cannot sign, as last told
  Time expiring_told_{};
  bool adrift_told_ = false;
  Rounds rounds_;  // last: its thread uses all the others
};

}  // namespace siegel::relay
