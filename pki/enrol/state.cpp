#include "pki/enrol/state.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace siegel::pki::enrol {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

/// What is to be known of one state.
struct Row {
  State state;
  std::string_view name;
  Actor waits_for;
  std::optional<seconds> patience;
  std::vector<State> followers;
};

const std::vector<Row>& rows() {
  using enum State;
  static const std::vector<Row> table{
      {draft, "draft", Actor::us, hours(1), {validated, invalid, cancelled}},
      {invalid, "invalid", Actor::admin, days(7), {draft, cancelled}},
      {validated, "validated", Actor::admin, days(7), {authorised, cancelled}},
      {authorised, "authorised", Actor::us, hours(1), {key_ready, cancelled}},
      {key_ready, "key-ready", Actor::us, hours(1), {csr_ready, cancelled}},
      {csr_ready, "csr-ready", Actor::us, days(1), {submitted, exported, cancelled}},
      {exported, "exported", Actor::admin, days(7), {pending_ra, issued, cancelled}},
      {submitted, "submitted", Actor::authority, hours(1), {pending_ra, issued, rejected, retry}},
      {retry, "retry", Actor::us, days(1), {submitted, failed, cancelled}},
      {pending_ra,
       "pending-ra",
       Actor::authority,
       days(21),
       {issued, rejected, timed_out, cancelled}},
      {rejected, "rejected", Actor::admin, days(7), {draft, cancelled}},
      {failed, "failed", Actor::admin, days(7), {draft, cancelled}},
      {timed_out, "timed-out", Actor::admin, days(7), {draft, pending_ra, cancelled}},
      {issued, "issued", Actor::us, hours(1), {checked, mismatch, revoke_requested}},
      {mismatch,
       "mismatch",
       Actor::admin,
       days(7),
       {revoke_requested, pending_ra, checked, cancelled}},
      {checked, "checked", Actor::us, hours(1), {installed, mismatch, revoke_requested}},
      {installed, "installed", Actor::us, hours(1), {published, active, revoke_requested}},
      {published, "published", Actor::us, hours(1), {active, revoke_requested}},
      {active, "active", Actor::nobody, {}, {renewal_due, suspended, revoke_requested, expired}},
      {renewal_due,
       "renewal-due",
       Actor::us,
       days(60),
       {active, superseded, revoke_requested, expired}},
      {suspended, "suspended", Actor::admin, days(30), {active, revoke_requested}},
      {superseded, "superseded", Actor::us, days(30), {decrypt_only, archived, revoke_requested}},
      {revoke_requested, "revoke-requested", Actor::authority, days(1), {revoked, active, expired}},
      {revoked, "revoked", Actor::us, days(1), {decrypt_only, archived}},
      {expired, "expired", Actor::us, days(1), {decrypt_only, archived}},
      {decrypt_only, "decrypt-only", Actor::nobody, {}, {archived}},
      {archived, "archived", Actor::nobody, {}, {}},
      {cancelled, "cancelled", Actor::nobody, {}, {}},
  };
  return table;
}

// The table stands in the order of the enumeration; a test holds it to that.
const Row& row(State state) {
  return rows().at(static_cast<std::size_t>(state));
}

constexpr std::array purposes{std::pair{Purpose::sign, std::string_view("sign")},
                              std::pair{Purpose::encrypt, std::string_view("encrypt")},
                              std::pair{Purpose::both, std::string_view("both")}};

}  // namespace

std::span<const State> all_states() {
  static const std::vector<State> states = [] {
    std::vector<State> all;
    for (const Row& each : rows()) all.push_back(each.state);
    return all;
  }();
  return states;
}

std::string_view name(State state) {
  return row(state).name;
}

std::optional<State> parse_state(std::string_view text) {
  const auto found = std::ranges::find(rows(), text, &Row::name);
  return found == rows().end() ? std::nullopt : std::optional(found->state);
}

std::string_view name(Purpose purpose) {
  return purposes.at(static_cast<std::size_t>(purpose)).second;
}

std::optional<Purpose> parse_purpose(std::string_view text) {
  for (const auto& [purpose, word] : purposes)
    if (word == text) return purpose;
  return std::nullopt;
}

std::span<const State> followers(State state) {
  return row(state).followers;
}

bool is_allowed(State from, State to, Purpose purpose) {
  if (std::ranges::find(followers(from), to) == followers(from).end()) return false;
  const bool only_signs = purpose == Purpose::sign;
  if (to == State::published || to == State::decrypt_only) return !only_signs;
  if (from == State::installed && to == State::active) return only_signs;
  if (to == State::archived && from != State::decrypt_only) return only_signs;
  return true;
}

bool is_final(State state) {
  return followers(state).empty();
}

bool is_in_service(State state) {
  return state == State::active || state == State::renewal_due;
}

Actor waits_for(State state) {
  return row(state).waits_for;
}

std::optional<seconds> patience(State state) {
  return row(state).patience;
}

}  // namespace siegel::pki::enrol
