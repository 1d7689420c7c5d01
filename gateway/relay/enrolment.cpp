#include "gateway/relay/enrolment.h"

#include <algorithm>
#include <exception>
#include <functional>

#include "base/error.h"
#include "config/profile.h"
#include "gateway/crypt/self_test.h"
#include "gateway/relay/reminder.h"
#include "gateway/relay/reminder_words.h"
#include "pki/enrol/round.h"
#include "pki/enrol/submit.h"
#include "pki/enrol/turn.h"

namespace siegel::relay {
namespace {

using namespace std::chrono_literals;
using pki::enrol::Matter;
using pki::enrol::Office;

constexpr std::chrono::milliseconds round_time = 5min, soonest_round = 30s;
constexpr std::chrono::hours reminder_time{1};

constexpr auto failure = "enrolment_failed";

std::chrono::milliseconds until_next_round(const Office& office) {
  const auto next = pki::enrol::next_round(office);
  return next ? std::clamp(*next - office.clock.now(), soonest_round, round_time) : round_time;
}

}  // namespace

Enrolment::Enrolment(const Current<config::Config>& config, pki::KeyStore& store,
                     Database& database, const Intake& intake, const Clock& clock, const Log& log)
    : config_(config),
      store_(store),
      intake_(intake),
      clock_(clock),
      log_(log),
      ledger_(database, clock),
      book_(database, clock),
      rounds_([this] { return round(); }) {}

std::chrono::milliseconds Enrolment::round() {
  const auto config = config_.load();
  Office office{ledger_, store_, clock_, {}, actor};
  std::chrono::milliseconds pause = round_time;
  office.profiles = usable_profiles(*config);
  if (config->enrolment.rounds && !office.profiles.empty()) {
    attempt(log_, failure, "round", [&] { go_on(*config, office); });
    attempt(log_, failure, "next round", [&] { pause = until_next_round(office); });
  }
  attempt(log_, failure, "reminders", [&] { remind(*config, office); });
  return pause;
}

/// One that is broken stops its own requests only; it is told when that changes.
std::vector<config::CaProfile> Enrolment::usable_profiles(const config::Config& config) {
  auto found = config::load_usable_profiles(config);
  if (found.problems != broken_profiles_ && !found.problems.empty())
    log_.warning("enrolment_profiles", {{"why", found.problems}});
  broken_profiles_ = std::move(found.problems);
  return std::move(found.usable);
}

void Enrolment::go_on(const config::Config& config, const Office& office) {
  // A command that has it does the same work.
  const auto turn = pki::enrol::Turn::take(config.storage.directory, 0s);
  if (!turn) return log_.info("enrolment_postponed", {{"why", "a command is at work"}});
  const auto report = pki::enrol::run_round(office, pki::enrol::connect_by_profile(clock_),
                                            crypt::make_self_test(config.smime, clock_));
  for (const auto& request : report.moved)
    log_.info("enrolment_moved", {{"request", called(request)}, {"state", name(request.state)}});
  tell_troubles(report.troubles);
}

/// Each once, as long as it stays the same: rounds are many.
void Enrolment::tell_troubles(const std::vector<pki::enrol::Trouble>& troubles) {
  std::set<std::pair<std::string, std::string>> now;
  for (const auto& trouble : troubles) now.emplace(trouble.about, trouble.text);
  for (const auto& [about, why] : now)
    if (!troubles_.contains({about, why}))
      log_.warning("enrolment_trouble", {{"about", about}, {"why", why}});
  troubles_ = std::move(now);
}

void Enrolment::remind(const config::Config& config, const Office& office) {
  if (config.enrolment.profiles.empty() && !config.enrolment.sender) return;
  const Time now = clock_.now();
  if (now >= reminded_ && now < reminded_ + reminder_time) return;
  const auto due = digests(matters(office), config.enrolment, book_.all());
  for (const auto& [person, of_person] : due) tell(config, person, of_person);
  reminded_ = now;
}

/// One who cannot be told does not keep the others from it.
void Enrolment::tell(const config::Config& config, const std::string& person,
                     const std::vector<Matter>& matters) {
  try {
    if (person == pki::enrol::the_log) {
      tell_log(matters);
      return book_.note(person, matters, actor);
    }
    mail(config, person, matters);
  } catch (const std::exception& error) {
    log_.warning("reminder_failed", {{"to", person}, {"why", error.what()}});
  }
}

void Enrolment::tell_log(const std::vector<Matter>& matters) const {
  for (const Matter& matter : matters)
    log_.warning("enrolment_waits", {{"mailbox", matter.mailbox.str()},
                                     {"purpose", name(matter.purpose)},
                                     {"about", matter.about},
                                     {"by", rfc3339(matter.due)},
                                     {"what", what_is_the_matter(matter).english},
                                     {"next", next_command(matter)}});
}

void Enrolment::mail(const config::Config& config, const std::string& person,
                     const std::vector<Matter>& matters) {
  const Reminder reminder{config.name, config.enrolment.sender.value(),
                          Address::parse(person).value(), clock_.now(), matters};
  const mail::Envelope envelope = envelope_of(reminder);
  const smtp::Reply reply = intake_.accept(envelope, write_reminder(reminder));
  if (!reply.is_positive())
    return log_.warning("reminder_failed", {{"to", person}, {"why", reply.str()}});
  // Not before the mail is in the spool: rather twice than never.
  book_.note(person, matters, actor);
  log_.info("reminder_sent", {{"id", envelope.id}, {"to", person}, {"matters", matters.size()}});
}

}  // namespace siegel::relay
