#include "pki/enrol/state.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace siegel::pki::enrol {
namespace {

using enum State;

// STANDARDS §6.4 with the four ways to cancelled of docs/ARCHITECTURE.md, written out once more by
// hand: the table of the product must not test itself.
const std::map<State, std::set<State>>& matrix() {
  static const std::map<State, std::set<State>> allowed{
      {draft, {validated, invalid, cancelled}},
      {invalid, {draft, cancelled}},
      {validated, {authorised, cancelled}},
      {authorised, {key_ready, cancelled}},
      {key_ready, {csr_ready, cancelled}},
      {csr_ready, {submitted, exported, cancelled}},
      {exported, {pending_ra, issued, cancelled}},
      {submitted, {pending_ra, issued, rejected, retry}},
      {retry, {submitted, failed, cancelled}},
      {pending_ra, {issued, rejected, timed_out, cancelled}},
      {rejected, {draft, cancelled}},
      {failed, {draft, cancelled}},
      {timed_out, {draft, pending_ra, cancelled}},
      {issued, {checked, mismatch, revoke_requested}},
      {mismatch, {revoke_requested, pending_ra, checked, cancelled}},
      {checked, {installed, mismatch, revoke_requested}},
      {installed, {published, active, revoke_requested}},
      {published, {active, revoke_requested}},
      {active, {renewal_due, suspended, revoke_requested, expired}},
      {renewal_due, {active, superseded, revoke_requested, expired}},
      {suspended, {active, revoke_requested}},
      {superseded, {decrypt_only, archived, revoke_requested}},
      {revoke_requested, {revoked, active, expired}},
      {revoked, {decrypt_only, archived}},
      {expired, {decrypt_only, archived}},
      {decrypt_only, {archived}},
      {archived, {}},
      {cancelled, {}},
  };
  return allowed;
}

bool differs_by_purpose(State from, State to) {
  return from == installed || to == decrypt_only || (to == archived && from != decrypt_only);
}

TEST(EnrolState, EveryPairIsAllowedOrRefusedAsTheMatrixSays) {
  ASSERT_EQ(all_states().size(), matrix().size());
  for (const State from : all_states()) {
    for (const State to : all_states()) {
      const bool in_matrix = matrix().at(from).contains(to);
      for (const Purpose purpose : {Purpose::sign, Purpose::encrypt, Purpose::both}) {
        if (in_matrix && differs_by_purpose(from, to)) continue;
        EXPECT_EQ(is_allowed(from, to, purpose), in_matrix)
            << name(from) << " to " << name(to) << " for " << name(purpose);
      }
    }
  }
}

TEST(EnrolState, WhatEncryptsIsPublishedAndOutlivesItsCertificate) {
  for (const Purpose purpose : {Purpose::encrypt, Purpose::both}) {
    EXPECT_TRUE(is_allowed(installed, published, purpose));
    EXPECT_FALSE(is_allowed(installed, active, purpose));
    for (const State end : {superseded, revoked, expired}) {
      EXPECT_TRUE(is_allowed(end, decrypt_only, purpose));
      EXPECT_FALSE(is_allowed(end, archived, purpose)) << "the key still opens old mail";
    }
  }
}

TEST(EnrolState, WhatOnlySignsIsNeither) {
  EXPECT_TRUE(is_allowed(installed, active, Purpose::sign));
  EXPECT_FALSE(is_allowed(installed, published, Purpose::sign));
  for (const State end : {superseded, revoked, expired}) {
    EXPECT_TRUE(is_allowed(end, archived, Purpose::sign));
    EXPECT_FALSE(is_allowed(end, decrypt_only, Purpose::sign));
  }
}

TEST(EnrolState, NamesAreReadAsTheyAreWritten) {
  std::set<std::string_view> seen;
  for (const State state : all_states()) {
    EXPECT_EQ(parse_state(name(state)), state);
    EXPECT_TRUE(seen.insert(name(state)).second) << name(state);
  }
  EXPECT_EQ(parse_state("PENDING"), std::nullopt);
}

TEST(EnrolState, EveryStateButTheLastIsReachedAndLeft) {
  std::set<State> reached{draft};
  for (const State from : all_states())
    for (const State to : followers(from)) reached.insert(to);
  EXPECT_EQ(reached.size(), all_states().size());
  for (const State state : all_states())
    EXPECT_EQ(is_final(state), state == archived || state == cancelled) << name(state);
}

TEST(EnrolState, WhereSomebodyHasToActTimeIsCounted) {
  for (const State state : all_states())
    EXPECT_EQ(patience(state).has_value(), waits_for(state) != Actor::nobody) << name(state);
}

}  // namespace
}  // namespace siegel::pki::enrol
