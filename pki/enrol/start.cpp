#include "pki/enrol/start.h"

#include <algorithm>

#include "base/error.h"
#include "pki/enrol/naming.h"

namespace siegel::pki::enrol {
namespace {

/// A request that was begun again belongs to whoever did that.
bool is_started_by(const Office& office, const Request& request) {
  const auto history = office.ledger.history(request.id);
  const auto begun = std::find_if(history.rbegin(), history.rend(),
                                  [](const Transition& step) { return step.to == State::draft; });
  return begun == history.rend() || begun->actor == office.actor;
}

Request validated(const Office& office, Request request, const std::string& evidence) {
  const auto& profile = office.profile(request.wish.profile);
  const Naming naming = name_by_profile(request.wish, profile);
  if (!naming.problems.empty())
    return office.ledger.advance(std::move(request), State::invalid,
                                 office.because(naming.problems.front()));
  request.subject = naming.subject;
  if (const auto other = office.ledger.find_namesake(request))
    return office.ledger.advance(
        std::move(request), State::invalid,
        office.because("request " + std::to_string(other->id) + " of " + other->wish.mailbox.str() +
                       " has the name " + naming.subject +
                       " already; give one of them another display name"));
  return office.ledger.advance(std::move(request), State::validated,
                               office.because("fits the CA profile " + profile.name, evidence));
}

Request authorised(const Office& office, const Request& request, const std::string& evidence) {
  if (office.profile(request.wish.profile).four_eyes && is_started_by(office, request))
    throw Error(Fault::peer, "was started by " + office.actor +
                                 " and must be authorised by somebody else (`siegel enrol "
                                 "authorise`), because its CA profile demands four eyes");
  return office.ledger.advance(request, State::authorised,
                               office.because("signed off by " + office.actor, evidence));
}

/// One certificate that a row asks for.
struct Asked {
  const Wish& wish;
  Purpose purpose;
  const std::string& evidence;
};

Trouble taken_already(const Request& request, const Wish& wish) {
  return {wish.mailbox.str(), "has a request by the CA profile " + request.wish.profile +
                                  " already, and the manifest names " + wish.profile +
                                  "; cancel that one first, or leave the row out"};
}

std::string differences(const Wish& ours, const Wish& theirs) {
  std::string found;
  const auto note = [&](std::string_view what) {
    found += (found.empty() ? "" : ", ") + std::string(what);
  };
  if (ours.display_name != theirs.display_name) note("display name");
  if (ours.department != theirs.department) note("department");
  if (ours.key_type != theirs.key_type) note("key type");
  return found;
}

/// Who answers for a mailbox may change at any time; what its certificate says may not.
Request brought_up_to_date(const Office& office, const Asked& asked, Request request,
                           Report& report) {
  const std::string changed = differences(asked.wish, request.wish);
  if (!changed.empty())
    report.troubles.push_back(
        {called(request),
         "has request " + std::to_string(request.id) +
             " already, and the manifest differs from it (" + changed +
             "); cancel that one or have its certificate revoked, and start anew"});
  if (request.wish.owner == asked.wish.owner && request.wish.deputy == asked.wish.deputy)
    return request;
  return office.ledger.entrust(std::move(request), asked.wish.owner, asked.wish.deputy,
                               office.because("another owner or deputy", asked.evidence));
}

void begin(const Office& office, const Asked& asked, Report& report) {
  auto added =
      office.ledger.add(asked.wish, asked.purpose, office.because("asked for", asked.evidence));
  if (added.request.wish.profile != asked.wish.profile)
    return report.troubles.push_back(taken_already(added.request, asked.wish));
  if (!added.is_new) added.request = brought_up_to_date(office, asked, added.request, report);
  const State before = added.request.state;
  const Request after = bring_forward(office, std::move(added.request), asked.evidence);
  if (added.is_new || after.state != before) report.moved.push_back(after);
}

}  // namespace

Request bring_forward(const Office& office, Request request, const std::string& evidence) {
  if (request.state == State::draft) request = validated(office, std::move(request), evidence);
  const bool may_go_on =
      request.state == State::validated && !office.profile(request.wish.profile).four_eyes;
  return may_go_on ? authorised(office, request, evidence) : request;
}

std::vector<Purpose> purposes(const Wish& wish, const config::CaProfile& profile) {
  const bool is_joint = profile.keys.certificates == config::Certificates::joint;
  if (is_joint && wish.sign && wish.encrypt) return {Purpose::both};
  std::vector<Purpose> found;
  if (wish.sign) found.push_back(Purpose::sign);
  if (wish.encrypt) found.push_back(Purpose::encrypt);
  return found;
}

Report start(const Office& office, const Manifest& manifest, const std::string& evidence) {
  Report report;
  for (const Manifest::Row& row : manifest.rows) {
    const std::string about = "row " + std::to_string(row.number) + ", " + row.wish.mailbox.str();
    guard(report, about, [&] {
      const auto& profile = office.profile(row.wish.profile);
      office.store.add_mailbox(row.wish.mailbox, row.wish.display_name);
      for (const Purpose purpose : purposes(row.wish, profile))
        guard(report, about, [&] { begin(office, {row.wish, purpose, evidence}, report); });
    });
  }
  return report;
}

Report authorise(const Office& office, const Filter& filter, const std::string& evidence) {
  Filter waiting = filter;
  waiting.states = {State::validated};
  return for_each(office.ledger.list(waiting),
                  [&](const Request& request) { return authorised(office, request, evidence); });
}

}  // namespace siegel::pki::enrol
