#include "pki/enrol/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/enrol/desk.h"

namespace siegel::tests {
namespace {

using pki::enrol::Filter;
using pki::enrol::Ledger;
using pki::enrol::Purpose;
using pki::enrol::Request;
using pki::enrol::State;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;

class LedgerTest : public testing::Test {
 protected:
  Request draft(const std::string& address = "bauamt@stadt.example",
                Purpose purpose = Purpose::sign) {
    return desk_.ledger.add(wish(address), purpose, by_anna).request;
  }
  /// Moves on through the shortest way that the matrix allows.
  Request brought_to(State state) {
    Request request = draft();
    for (const State next : way_to(state, request.purpose))
      request = desk_.ledger.advance(request, next, by_anna);
    return request;
  }

  EnrolDesk desk_;
};

TEST_F(LedgerTest, ARequestTellsItsWholeWay) {
  const Request request = brought_to(State::authorised);
  EXPECT_EQ(desk_.ledger.find(request.id)->state, State::authorised);
  EXPECT_THAT(desk_.ledger.history(request.id),
              ElementsAre(Field(&pki::enrol::Transition::to, State::draft),
                          Field(&pki::enrol::Transition::to, State::validated),
                          Field(&pki::enrol::Transition::to, State::authorised)));
  EXPECT_EQ(desk_.ledger.history(request.id).back().actor, "anna");
}

TEST_F(LedgerTest, WhatAStepBringsIsKept) {
  Request request = draft();
  request.subject = "C=DE, CN=GRP: Bauamt";
  request.transaction = std::string("\0\xFF waiting", 10);
  desk_.ledger.advance(request, State::validated, {"anna", "fits", "sheet 1"});
  const Request found = *desk_.ledger.find(request.id);
  EXPECT_EQ(found.subject, request.subject);
  EXPECT_EQ(found.transaction, request.transaction);
  EXPECT_EQ(found.reason, "fits");
  EXPECT_EQ(found.wish.key_type, pki::KeyType::p256);
}

TEST_F(LedgerTest, EveryForbiddenStepIsRefusedAndChangesNothing) {
  std::size_t refused = 0;
  for (const State from : pki::enrol::all_states()) {
    if (from == State::published || from == State::decrypt_only) continue;  // not for signing only
    EnrolDesk fresh;
    Request request = fresh.ledger.add(wish("a@stadt.example"), Purpose::sign, by_anna).request;
    for (const State next : way_to(from, Purpose::sign))
      request = fresh.ledger.advance(request, next, by_anna);
    for (const State to : pki::enrol::all_states()) {
      if (pki::enrol::is_allowed(from, to, Purpose::sign)) continue;
      EXPECT_THROW(fresh.ledger.advance(request, to, by_anna), Error);
      ++refused;
    }
    EXPECT_EQ(fresh.ledger.find(request.id)->state, from);
    EXPECT_THAT(fresh.ledger.history(request.id), SizeIs(way_to(from, Purpose::sign).size() + 1));
  }
  EXPECT_GT(refused, 600U);
}

TEST_F(LedgerTest, OfTwoWhoMoveARequestTheSecondIsTold) {
  const Request request = draft();
  desk_.ledger.advance(request, State::validated, by_anna);
  EXPECT_THROW(desk_.ledger.advance(request, State::cancelled, by_anna), Error);
  EXPECT_EQ(desk_.ledger.find(request.id)->state, State::validated);
}

TEST_F(LedgerTest, AStepWhoseWorkFailsIsNotTaken) {
  const Request request = draft();
  const auto fails = [](Database::Session&) { throw Error(Fault::world, "disk full"); };
  EXPECT_THROW(desk_.ledger.advance(request, State::validated, by_anna, fails), Error);
  EXPECT_EQ(desk_.ledger.find(request.id)->state, State::draft);
  EXPECT_THAT(desk_.ledger.history(request.id), SizeIs(1));
}

TEST_F(LedgerTest, TheSameWishTwiceIsOneRequest) {
  const Request first = draft();
  const auto again = desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::sign, by_anna);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.request.id, first.id);
  EXPECT_TRUE(desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::encrypt, by_anna).is_new);
  EXPECT_FALSE(desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::both, by_anna).is_new);
}

TEST_F(LedgerTest, BadInput_AnotherSpellingOfTheLocalPartIsTheSameMailbox) {
  const auto first = desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::both, by_anna);
  const auto second = desk_.ledger.add(wish("BauAmt@stadt.example"), Purpose::both, by_anna);
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(second.request.id, first.request.id);
  EXPECT_THAT(desk_.ledger.list({.mailbox = Address::parse("BAUAMT@stadt.example")}), SizeIs(1));
}

TEST_F(LedgerTest, WhatIsOverStandsInNobodysWay) {
  desk_.ledger.advance(draft(), State::cancelled, by_anna);
  EXPECT_TRUE(desk_.ledger.add(wish("bauamt@stadt.example"), Purpose::sign, by_anna).is_new);
}

TEST_F(LedgerTest, ASuccessorStandsBesideWhatItRenews) {
  const Request present = brought_to(State::active);
  const auto child = desk_.ledger.add(present.wish, present.purpose, by_anna, present.id);
  EXPECT_TRUE(child.is_new);
  EXPECT_EQ(child.request.renews, present.id);
  EXPECT_FALSE(desk_.ledger.add(present.wish, present.purpose, by_anna, present.id).is_new);
}

TEST_F(LedgerTest, FiltersAndCounts) {
  draft("a@stadt.example");
  desk_.ledger.advance(draft("b@stadt.example"), State::validated, by_anna);
  EXPECT_THAT(desk_.ledger.list(), SizeIs(2));
  EXPECT_THAT(desk_.ledger.list({.states = {State::validated, State::active}}), SizeIs(1));
  EXPECT_THAT(desk_.ledger.list({.mailbox = Address::parse("a@stadt.example")}), SizeIs(1));
  EXPECT_THAT(desk_.ledger.list({.profile = "other"}), SizeIs(0));
  EXPECT_THAT(desk_.ledger.overview(), SizeIs(2));
  EXPECT_THAT(desk_.ledger.overview({.states = {State::validated}, .profile = "amt"}),
              ElementsAre(Field(&Ledger::Line::mailbox, "b@stadt.example")));
  EXPECT_THAT(desk_.ledger.overview({.id = 2}), ElementsAre(Field(&Ledger::Line::id, 2)));
  EXPECT_EQ(desk_.ledger.by_state().at(State::draft).count, 1);
}

TEST_F(LedgerTest, EveryStepIsInTheAudit) {
  const Request request = brought_to(State::validated);
  const auto event = desk_.store.trust_events(1).front();
  EXPECT_EQ(event.action, "enrol-validated");
  EXPECT_EQ(event.subject, "bauamt@stadt.example");
  EXPECT_EQ(event.actor, "anna");
  EXPECT_FALSE(desk_.store.check_audit().trouble);
}

TEST_F(LedgerTest, ABatchThatWasBegunComesFirst) {
  EXPECT_EQ(desk_.ledger.assign_batch("amt"), "");
  const Request first = brought_to(State::csr_ready);
  EXPECT_EQ(desk_.ledger.assign_batch("amt"), "2026-0001");
  EXPECT_EQ(desk_.ledger.assign_batch("amt"), "2026-0001");
  desk_.ledger.advance(*desk_.ledger.find(first.id), State::exported, by_anna);
  EXPECT_EQ(desk_.ledger.assign_batch("amt"), "");
  EXPECT_THAT(desk_.ledger.list({.batch = "2026-0001"}), SizeIs(1));
}

}  // namespace
}  // namespace siegel::tests
