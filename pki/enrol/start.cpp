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

Trouble taken_already(const Request& request, const Wish& wish) {
  return {wish.mailbox.str(), "has a request by the CA profile " + request.wish.profile +
                                  " already, and the manifest names " + wish.profile +
                                  "; cancel that one first, or leave the row out"};
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
    const Wish& wish = row.wish;
    office.store.add_mailbox(wish.mailbox, wish.display_name);
    for (const Purpose purpose : purposes(wish, office.profile(wish.profile))) {
      auto added = office.ledger.add(wish, purpose, office.because("asked for", evidence));
      if (added.request.wish.profile != wish.profile)
        report.troubles.push_back(taken_already(added.request, wish));
      const State before = added.request.state;
      const Request after = bring_forward(office, std::move(added.request), evidence);
      if (added.is_new || after.state != before) report.moved.push_back(after);
    }
  }
  return report;
}

Report authorise(const Office& office, const Filter& filter, const std::string& evidence) {
  Filter waiting = filter;
  waiting.states = {State::validated};
  return for_each(office.ledger.list(waiting),
                  [&](const Request& request) { return authorised(office, request, evidence); });
}

Report cancel(const Office& office, const Filter& filter, const std::string& reason) {
  std::vector<Request> requests = office.ledger.list(filter);
  std::erase_if(requests, [](const Request& request) {
    return is_final(request.state) || request.state == State::decrypt_only;
  });
  return for_each(requests, [&](const Request& request) {
    if (!is_allowed(request.state, State::cancelled, request.purpose))
      throw Error(Fault::peer,
                  "is " + std::string(name(request.state)) +
                      " and cannot be cancelled any more; wait for what comes next, or "
                      "revoke its certificate when it is there");
    const Time now = office.clock.now();
    return office.ledger.advance(
        request, State::cancelled, office.because(reason), [&](Database::Session& session) {
          KeyStore::destroy_key(session, request.key_id,
                                {office.actor, "key-destroyed", request.wish.mailbox.str(),
                                 request.key_id + ": cancelled"},
                                now);
        });
  });
}

}  // namespace siegel::pki::enrol
