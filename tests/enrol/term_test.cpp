#include "pki/enrol/term.h"

#include "pki/enrol/renewal.h"
#include "pki/enrol/revoke.h"
#include "pki/enrol/upkeep.h"
#include "tests/enrol/serving.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::IsEmpty;
using testing::SizeIs;

class TermTest : public ServingTest {
 protected:
  TermTest() { enrol(); }

  Time end() const { return certificate_in(the(Purpose::sign)).not_after(); }
  std::size_t ending_in_90_days() const { return ending(office_, 90 * day).size(); }
};

TEST_F(TermTest, KnowsTheRequestAndTheDaysLeft) {
  desk_.clock.set(end() - 36 * std::chrono::hours(1));
  const auto all = terms(office_);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all.front().days_left, 1);
  EXPECT_EQ(all.front().request->state, State::active);
}

TEST_F(TermTest, WhatEndsSoonIsTold) {
  desk_.clock.set(end() - 91 * day);
  EXPECT_EQ(ending_in_90_days(), 0U);
  desk_.clock.set(end() - 89 * day);
  EXPECT_EQ(ending_in_90_days(), 2U);
  keep_up(office_);
  EXPECT_EQ(ending_in_90_days(), 2U) << "a successor that is under way does not help yet";
  go_on();
  EXPECT_EQ(ending_in_90_days(), 0U);
}

TEST_F(TermTest, WhatHasEndedIsNotForgottenAtOnce) {
  desk_.clock.set(end() + 2 * day);
  keep_up(office_);
  EXPECT_EQ(state(Purpose::sign), State::archived);
  EXPECT_EQ(ending_in_90_days(), 2U);
  desk_.clock.advance(31 * day);
  EXPECT_EQ(ending_in_90_days(), 0U);
}

TEST_F(TermTest, NobodyIsAlarmedAboutWhatWasRevoked) {
  revoke(office_, connect_, {.mailbox = bauamt_}, RevocationReason::cessation_of_operation);
  desk_.clock.set(end() - 10 * day);
  EXPECT_EQ(ending_in_90_days(), 0U);
}

TEST_F(TermTest, TheForecastCountsMonths) {
  const auto forecast = pki::enrol::forecast(office_, 37);
  EXPECT_THAT(forecast, SizeIs(37));
  EXPECT_EQ(forecast.begin()->first, "2026-06");
  EXPECT_EQ(forecast.at(rfc3339(end()).substr(0, 7)), 2);
  EXPECT_EQ(forecast.at("2026-06"), 0);
}

}  // namespace
}  // namespace siegel::tests
