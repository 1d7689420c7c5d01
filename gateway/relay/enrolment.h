#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/current.h"
#include "base/database.h"
#include "base/log.h"
#include "base/rounds.h"
#include "config/config.h"
#include "gateway/relay/intake.h"
#include "pki/enrol/ledger.h"
#include "pki/enrol/reminder_book.h"
#include "pki/store.h"

namespace siegel::relay {

/// Who acts, for the audit, where the relay does.
inline constexpr auto actor = "siegel-relay";

/// What the relay does for enrolment by itself, in a thread of its own, because an authority may
/// take minutes to answer: rounds over all requests (pki/enrol/round.h), every five minutes or when
/// an authority wants to be asked again; and every hour reminders to those who have to do something
/// (pki/enrol/reminder.h), by mail that the rules treat like any other from inside. Each person
/// gets one mail for all; a reminder is recorded after its mail is in the spool, so that a crash
/// between the two repeats it and none is lost. Whatever fails is logged and tried again at the
/// next round.
class Enrolment {
 public:
  Enrolment(const Current<config::Config>& config, pki::KeyStore& store, Database& database,
            const Intake& intake, const Clock& clock, const Log& log);

  /// The first round runs at once, in the background.
  void start() { rounds_.start(); }
  /// Waits as long as `grace` for a round that runs. False if it still runs: ending the process is
  /// safe then.
  bool stop(std::chrono::milliseconds grace) { return rounds_.stop(grace); }
  /// The next round runs now: the configuration has changed.
  void wake() { rounds_.wake(); }

  /// One round; the time until the next one is of use.
  std::chrono::milliseconds round();

 private:
  std::vector<config::CaProfile> usable_profiles(const config::Config& config);
  void go_on(const config::Config& config, const pki::enrol::Office& office);
  void tell_troubles(const std::vector<pki::enrol::Trouble>& troubles);
  void remind(const config::Config& config, const pki::enrol::Office& office);
  void tell(const config::Config& config, const std::string& person,
            const std::vector<pki::enrol::Matter>& matters);
  void tell_log(const std::vector<pki::enrol::Matter>& matters) const;
  void mail(const config::Config& config, const std::string& person,
            const std::vector<pki::enrol::Matter>& matters);

  const Current<config::Config>& config_;
  pki::KeyStore& store_;
  const Intake& intake_;
  const Clock& clock_;
  const Log& log_;
  pki::enrol::Ledger ledger_;
  pki::enrol::ReminderBook book_;
  Time reminded_{};
  std::string broken_profiles_;                             // as last told
  std::set<std::pair<std::string, std::string>> troubles_;  // the same: about what, and why
  Rounds rounds_;                                           // last: its thread uses all the others
};

}  // namespace siegel::relay
