#include "pki/enrol/ledger.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/error.h"
#include "pki/enrol/history.h"
#include "pki/enrol/ledger_rows.h"

namespace siegel::pki::enrol {
namespace {

using sql::Session;

std::string select_requests(const std::string& condition) {
  return std::string("SELECT ") + rows::request_columns +
         " FROM enrol_request WHERE tenant = 'default' AND " + condition;
}

// Two spellings of one local part are one mailbox (Address::equals_folded).
constexpr auto of_mailbox = "LOWER(mailbox) = ?";

std::string folded(const Address& mailbox) {
  return ascii::lower(mailbox.str());
}

bool overlaps(Purpose a, Purpose b) {
  return a == b || a == Purpose::both || b == Purpose::both;
}

/// It stands in the way of another one for the same purpose.
bool is_open(const Request& request) {
  using enum State;
  constexpr std::array over{superseded,   revoke_requested, revoked,  expired,
                            decrypt_only, archived,         cancelled};
  return std::ranges::find(over, request.state) == over.end();
}

std::optional<Request> standing_in_the_way(Session& session, const Wish& wish, Purpose purpose,
                                           std::int64_t renews) {
  const auto all = rows::requests(sql::select(
      session, select_requests(of_mailbox + std::string(" ORDER BY id")), folded(wish.mailbox)));
  const auto found = std::ranges::find_if(all, [&](const Request& other) {
    return is_open(other) && overlaps(other.purpose, purpose) && other.id != renews;
  });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

/// One step, in the ledger and in the audit.
void record(Session& session, const Transition& step, const Request& request) {
  rows::insert(session, step);
  sql::record(session, step.at, audit_event(step, request.wish.mailbox, request.purpose));
}

Error forbidden(const Request& request, State to) {
  return {Fault::ours, "a request cannot take this step",
          "request " + std::to_string(request.id) + " is " + std::string(name(request.state)) +
              " and cannot become " + std::string(name(to)) + "; nothing was changed"};
}

Error overtaken(const Request& request) {
  return {Fault::peer, "request " + std::to_string(request.id) + " of " +
                           request.wish.mailbox.str() +
                           " was moved by somebody else in the meantime; run the command again"};
}

bool fits(const Request& request, const Filter& filter) {
  return (!filter.mailbox || request.wish.mailbox.equals_folded(*filter.mailbox)) &&
         (filter.states.empty() ||
          std::ranges::find(filter.states, request.state) != filter.states.end()) &&
         (filter.profile.empty() || request.wish.profile == filter.profile) &&
         (filter.batch.empty() || request.batch == filter.batch) &&
         (filter.id == 0 || request.id == filter.id);
}

bool fits(const Ledger::Line& line, const Filter& filter) {
  return (!filter.mailbox || ascii::lower(line.mailbox) == folded(*filter.mailbox)) &&
         (filter.states.empty() ||
          std::ranges::find(filter.states, line.state) != filter.states.end()) &&
         (filter.profile.empty() || line.profile == filter.profile) &&
         (filter.batch.empty() || line.batch == filter.batch) &&
         (filter.id == 0 || line.id == filter.id);
}

/// The part of `filter` that thins out rows most, for SQL; fits() does the rest.
std::string condition_of(const Filter& filter) {
  if (filter.id != 0) return "id = " + std::to_string(filter.id);
  if (filter.mailbox || filter.states.empty()) return "1 = 1";
  std::string states;
  for (const State state : filter.states)
    states += (states.empty() ? "'" : ", '") + std::string(name(state)) + "'";
  return "state IN (" + states + ")";
}

std::string batch_number(Time now, std::int64_t number) {
  const std::string digits = std::to_string(number);
  return rfc3339(now).substr(0, 4) + '-' +
         std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

}  // namespace

Ledger::Added Ledger::add(const Wish& wish, Purpose purpose, const Cause& cause,
                          std::int64_t renews) {
  std::optional<Added> added;
  database_.write([&](Session& session) {
    if (auto other = standing_in_the_way(session, wish, purpose, renews)) {
      added = Added{*std::move(other), false};
      return;
    }
    const Time now = clock_.now();
    Request request{.wish = wish,
                    .purpose = purpose,
                    .created = now,
                    .since = now,
                    .reason = cause.reason,
                    .renews = renews};
    request.id = sql::next_number(session, "enrol_request");
    rows::insert(session, request);
    record(session,
           {request.id, State::draft, State::draft, now, cause.actor, cause.reason, cause.evidence},
           request);
    added = Added{std::move(request), true};
  });
  return *std::move(added);
}

std::optional<Request> Ledger::find(std::int64_t id) const {
  std::vector<Request> found;
  database_.read([&](Session& session) {
    found = rows::requests(sql::select(session, select_requests("id = ?"), id));
  });
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<Request> Ledger::find_by_key(const std::string& key_id) const {
  std::vector<Request> found;
  database_.read([&](Session& session) {
    found = rows::requests(
        sql::select(session, select_requests("key_id = ? ORDER BY id DESC LIMIT 1"), key_id));
  });
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<Request> Ledger::find_namesake(const Request& request) const {
  std::vector<Request> found;
  database_.read([&](Session& session) {
    found = rows::requests(
        sql::select(session, select_requests("LOWER(subject) = ? AND profile = ? ORDER BY id"),
                    ascii::lower(request.subject), request.wish.profile));
  });
  const auto other = std::ranges::find_if(found, [&](const Request& each) {
    return is_open(each) && !each.wish.mailbox.equals_folded(request.wish.mailbox);
  });
  return other == found.end() ? std::nullopt : std::optional(*other);
}

std::vector<Request> Ledger::list_by_serial(const std::string& serial) const {
  std::vector<Request> found;
  database_.read([&](Session& session) {
    found = rows::requests(sql::select(session, select_requests("serial = ? ORDER BY id"), serial));
  });
  return found;
}

std::vector<Request> Ledger::list(const Filter& filter) const {
  std::vector<Request> found;
  database_.read([&](Session& session) {
    const auto in_order = " ORDER BY mailbox, id";
    found = rows::requests(
        filter.mailbox ? sql::select(session, select_requests(std::string(of_mailbox) + in_order),
                                     folded(*filter.mailbox))
                       : sql::select(session, select_requests(condition_of(filter) + in_order)));
  });
  std::erase_if(found, [&](const Request& request) { return !fits(request, filter); });
  return found;
}

std::vector<Ledger::Line> Ledger::overview(const Filter& filter) const {
  std::vector<Line> lines;
  database_.read([&](Session& session) { lines = rows::lines(session); });
  std::erase_if(lines, [&](const Line& line) { return !fits(line, filter); });
  return lines;
}

std::map<State, Ledger::Standing> Ledger::by_state() const {
  std::map<State, Standing> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT state, COUNT(*) AS n, MIN(since) AS oldest FROM "
                                  "enrol_request WHERE tenant = 'default' GROUP BY state");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (const auto state = parse_state(rows.text("state", i)))
        found[*state] = {rows.number("n", i), rows.moment("oldest", i)};
    }
  });
  return found;
}

std::vector<Transition> Ledger::history(std::int64_t id) const {
  std::vector<Transition> found;
  database_.read([&](Session& session) {
    found = rows::transitions(
        sql::select(session,
                    "SELECT request, from_state, to_state, at, actor, reason, evidence FROM "
                    "enrol_transition WHERE tenant = 'default' AND request = ? ORDER BY id",
                    id));
  });
  return found;
}

Request Ledger::advance(Request request, State to, const Cause& cause, const Also& also) {
  const State from = request.state;
  if (!is_allowed(from, to, request.purpose)) throw forbidden(request, to);
  const Time now = clock_.now();
  request.state = to;
  request.since = now;
  request.reason = cause.reason;
  database_.write([&](Session& session) {
    if (!rows::update(session, request, from)) throw overtaken(request);
    record(session, {request.id, from, to, now, cause.actor, cause.reason, cause.evidence},
           request);
    if (also) also(session);
  });
  return request;
}

Request Ledger::entrust(Request request, const Address& owner, const std::optional<Address>& deputy,
                        const Cause& cause) {
  request.wish.owner = owner;
  request.wish.deputy = deputy;
  database_.write([&](Session& session) {
    rows::entrust(session, request);
    sql::record(
        session, clock_.now(),
        {cause.actor, "mailbox-entrusted", request.wish.mailbox.str(),
         "requests by CA profile " + request.wish.profile + " to " + owner.str() +
             (deputy ? " and " + deputy->str() : std::string()) + " [" + cause.evidence + "]"});
  });
  return request;
}

Request Ledger::note(Request request) {
  database_.write([&](Session& session) {
    if (!rows::update(session, request, request.state)) throw overtaken(request);
  });
  return request;
}

std::string Ledger::assign_batch(const std::string& profile) {
  std::string batch;
  database_.write([&](Session& session) {
    const auto ready = sql::select(session,
                                   "SELECT batch FROM enrol_request WHERE tenant = 'default' AND "
                                   "profile = ? AND state = 'csr-ready' ORDER BY batch DESC",
                                   profile);
    if (ready.empty()) return;
    batch = ready.text("batch");
    if (!batch.empty()) return;
    batch = batch_number(clock_.now(), sql::next_number(session, "enrol_batch"));
    sql::run(session,
             "UPDATE enrol_request SET batch = ? WHERE tenant = 'default' AND profile = ? AND "
             "state = 'csr-ready' AND batch = ''",
             batch, profile);
  });
  return batch;
}

}  // namespace siegel::pki::enrol
