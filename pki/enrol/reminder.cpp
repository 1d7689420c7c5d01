#include "pki/enrol/reminder.h"

#include <algorithm>
#include <array>

namespace siegel::pki::enrol {
namespace {

using enum State;

constexpr std::array days_before_the_end{1, 3, 7, 14, 30, 60};
constexpr std::int64_t deputy_from = 14, team_from = 7;

/// The last one that has been reached; nothing before the first.
std::optional<std::string> step_of(std::int64_t days_left) {
  if (days_left < 0) return "ended";
  for (const int days : days_before_the_end)
    if (days_left <= days) return "ends-" + std::to_string(days);
  return std::nullopt;
}

Circle circle_of(std::int64_t days_left) {
  if (days_left <= team_from) return Circle::team;
  return days_left <= deputy_from ? Circle::deputy : Circle::owner;
}

Purpose purpose_of(CertificateUse use) {
  switch (use) {
    case CertificateUse::sign:
      return Purpose::sign;
    case CertificateUse::encrypt:
      return Purpose::encrypt;
    case CertificateUse::both:
      break;
  }
  return Purpose::both;
}

bool is_refused(State state) {
  constexpr std::array refusals{rejected, failed, timed_out, mismatch};
  return std::ranges::find(refusals, state) != refusals.end();
}

constexpr std::string_view late = "-late", very_late = "-very-late";

std::string_view lateness(Time::duration age, std::chrono::seconds patience) {
  if (age > 2 * patience) return very_late;
  return age > patience ? late : std::string_view();
}

/// Requests by the one that each is to replace; the newest that was not given up.
std::map<std::int64_t, Request> successors(const std::vector<Request>& requests) {
  std::map<std::int64_t, Request> found;
  for (const Request& request : requests)
    if (request.renews != 0 && request.state != cancelled)
      found.insert_or_assign(request.renews, request);
  return found;
}

std::set<std::string> readers(const Matter& matter, const config::EnrolmentSettings& settings) {
  std::set<std::string> found;
  const auto add = [&](const std::optional<Address>& person) {
    if (person && settings.sender) found.insert(person->str());
  };
  add(matter.owner);
  if (matter.circle != Circle::owner) add(matter.deputy);
  if (matter.circle == Circle::team || !matter.owner) add(settings.escalate_to);
  if (found.empty()) found.insert(the_log);
  return found;
}

}  // namespace

std::optional<Matter> matter_of(const Term& term, const std::optional<Request>& successor) {
  auto step = step_of(term.days_left);
  if (!step) return std::nullopt;
  Matter matter{.occasion = Occasion::ends,
                .mailbox = term.own.mailbox,
                .purpose = purpose_of(term.own.use),
                .circle = circle_of(term.days_left),
                .about = "certificate " + term.own.certificate.fingerprint() + " of " +
                         term.own.mailbox.str(),
                .step = *std::move(step),
                .due = term.own.certificate.not_after(),
                .days_left = term.days_left,
                .request = successor ? successor : term.request};
  if (!term.request) return matter;
  matter.owner = term.request->wish.owner;
  matter.deputy = term.request->wish.deputy;
  return matter;
}

std::optional<Matter> matter_of(const Request& request, Time now) {
  const auto longest = patience(request.state).value_or(std::chrono::seconds(0));
  const std::string_view level = lateness(now - request.since, longest);
  if (level.empty() && !is_refused(request.state)) return std::nullopt;
  return Matter{.occasion = is_refused(request.state) ? Occasion::refused : Occasion::late,
                .mailbox = request.wish.mailbox,
                .purpose = request.purpose,
                .circle = level == very_late ? Circle::deputy : Circle::owner,
                .about = "request " + std::to_string(request.id),
                // A request may come to the same state twice.
                .step = std::string(name(request.state)) + '-' +
                        std::to_string(to_unix(request.since)) + std::string(level),
                .due = request.since + longest,
                .owner = request.wish.owner,
                .deputy = request.wish.deputy,
                .request = request};
}

bool waits_for_person(const Office& office, const Request& request) {
  if (request.state == pending_ra || request.state == revoke_requested) return true;
  if (request.state != csr_ready) return waits_for(request.state) == Actor::admin;
  return goes_by_files(office, request);
}

std::vector<Matter> matters(const Office& office) {
  std::vector<Matter> found;
  const auto add = [&](std::optional<Matter> matter) {
    if (matter) found.push_back(*std::move(matter));
  };
  const auto requests = office.ledger.list();
  const auto next = successors(requests);
  for (const Term& term : ending(office, std::chrono::days(days_before_the_end.back() + 1))) {
    const auto successor = term.request ? next.find(term.request->id) : next.end();
    add(matter_of(term, successor == next.end() ? std::nullopt : std::optional(successor->second)));
  }
  for (const Request& request : requests)
    if (waits_for_person(office, request)) add(matter_of(request, office.clock.now()));
  return found;
}

std::map<std::string, std::vector<Matter>> digests(const std::vector<Matter>& matters,
                                                   const config::EnrolmentSettings& settings,
                                                   const std::set<Told>& told) {
  std::map<std::string, std::vector<Matter>> found;
  for (const Matter& matter : matters)
    for (const std::string& person : readers(matter, settings))
      if (!told.contains({matter.about, matter.step, person})) found[person].push_back(matter);
  return found;
}

}  // namespace siegel::pki::enrol
