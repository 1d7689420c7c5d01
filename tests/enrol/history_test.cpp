#include "pki/enrol/history.h"

#include <Poco/Data/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/enrol/desk.h"

namespace siegel::tests {
namespace {

using pki::enrol::altered_history;
using pki::enrol::audit_event;
using pki::enrol::Purpose;
using pki::enrol::State;
using pki::enrol::Transition;
using testing::HasSubstr;

/// Two requests on their way, and somebody who can write into the database.
class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    for (const char* address : {"a@stadt.example", "b@stadt.example"}) {
      auto request =
          desk_.ledger.add(wish(address), Purpose::sign, {"anna", "asked for", "ticket 7"}).request;
      for (const State next : way_to(State::authorised, Purpose::sign))
        request = desk_.ledger.advance(request, next, {"bernd", "reviewed", "sheet [1]"});
    }
  }

  std::string trouble_if(const std::string& statement) {
    desk_.database.write(
        [&](Database::Session& session) { session << statement, Poco::Data::Keywords::now; });
    EXPECT_FALSE(desk_.store.check_audit().trouble) << "the audit itself is as it was";
    return altered_history(desk_.database).value_or("");
  }

  EnrolDesk desk_;
};

TEST_F(HistoryTest, WhatNobodyTouchedIsFine) {
  EXPECT_EQ(altered_history(desk_.database).value_or(""), "");
}

/// What is altered in the fifth step: that of request 2 to validated.
class HistoryFieldTest : public HistoryTest, public testing::WithParamInterface<const char*> {};

TEST_P(HistoryFieldTest, OneAlteredOctetIsFound) {
  EXPECT_THAT(
      trouble_if("UPDATE enrol_transition SET " + std::string(GetParam()) + " WHERE id = 5"),
      HasSubstr("entry"));
}

INSTANTIATE_TEST_SUITE_P(EachField, HistoryFieldTest,
                         testing::Values("at = at + 1", "at = 'x'", "request = 1", "request = 'x'",
                                         "actor = 'cernd'", "reason = 'seviewed'",
                                         "evidence = 'sheet [2]'", "evidence = ''",
                                         "reason = reason || ' [x'", "to_state = 'Validated'",
                                         "from_state = 'invalid'", "id = 7",
                                         "reason = 'reviewed [sheet', evidence = '1]'"));

TEST_F(HistoryTest, AStepThatWasTakenOutIsFound) {
  EXPECT_THAT(trouble_if("DELETE FROM enrol_transition WHERE id = 6"),
              HasSubstr("is missing in table enrol_transition"));
}

TEST_F(HistoryTest, AStepBehindTheLastIsFound) {
  EXPECT_THAT(
      trouble_if("INSERT INTO enrol_transition SELECT 7, tenant, request, from_state, "
                 "to_state, at, actor, reason, evidence FROM enrol_transition WHERE id = 6"),
      HasSubstr("is not in the audit"));
}

TEST_F(HistoryTest, ARequestThatNoStepBroughtWhereItIsIsFound) {
  EXPECT_THAT(trouble_if("UPDATE enrol_request SET state = 'active' WHERE id = 2"),
              HasSubstr("request 2 is active"));
}

TEST_F(HistoryTest, ARequestThatWasGivenToAnotherMailboxIsFound) {
  EXPECT_THAT(trouble_if("UPDATE enrol_request SET mailbox = 'c@stadt.example' WHERE id = 2"),
              HasSubstr("the step of request 2 to draft"));
}

TEST(HistoryEntryTest, ReasonAndEvidenceCannotBeTakenForEachOther) {
  const auto entry = [](const char* reason, const char* evidence) {
    return audit_event({1, State::draft, State::draft, noon, "anna", reason, evidence},
                       *Address::parse("a@stadt.example"), Purpose::sign)
        .detail;
  };
  EXPECT_EQ(entry("asked", "ticket 7"), "request 1 (sign) from draft: asked [ticket 7]");
  EXPECT_EQ(entry("asked", ""), "request 1 (sign) from draft: asked");
  EXPECT_NE(entry("asked [x]", ""), entry("asked", "x"));
  EXPECT_NE(entry("asked [x", "y"), entry("asked", "x [y"));
  EXPECT_NE(entry("a", "\\ [y"), entry("a [\\\\", "y"));
}

}  // namespace
}  // namespace siegel::tests
