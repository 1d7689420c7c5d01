// The failure policy, as a table: outcome or fault × age × what the sender asked for.

#include "gateway/relay/settle.h"

#include <string>

#include <gmock/gmock.h>

#include "tests/relay/items.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using relay::settle;
using relay::Settlement;
using testing::ElementsAre;
using testing::IsEmpty;
using Action = mail::RecipientReport::Action;
using Fate = Settlement::Fate;
using Kind = smtp::Outcome::Kind;

config::Retry plan() {
  config::Retry retry;
  retry.after = {1min, 5min, 30min};
  retry.delay_notice = 2h;
  retry.give_up = 120h;
  retry.give_up_confidential = 48h;
  return retry;
}

spool::Item item_for(const std::vector<mail::Recipient>& recipients) {
  spool::Item item;
  item.id = "a1.1";
  item.consignment = from_anna("a1", recipients);
  item.arrived = item.consignment.envelope.received;
  item.attempts = 1;
  return item;
}

Settlement settle_one(const spool::Item& item, Kind kind, std::chrono::seconds age,
                      const std::string& host = "mx.world.example") {
  const auto& recipient = item.consignment.envelope.recipients.at(0);
  const std::vector<smtp::Outcome> outcomes{fate(recipient, kind, "x.y.z", host)};
  return settle(item, outcomes, plan(), item.arrived + age);
}

std::string word(Action action) {
  switch (action) {
    case Action::failed:
      return "failed";
    case Action::delayed:
      return "delayed";
    case Action::delivered:
      return "delivered";
    case Action::relayed:
      return "relayed";
  }
  return "?";
}

std::string word(Fate fate) {
  switch (fate) {
    case Fate::done:
      return "done";
    case Fate::retry:
      return "retry";
    case Fate::hold:
      return "hold";
  }
  return "?";
}

/// "retry", or "done failed": the fate, then the reports.
std::string in_words(const Settlement& settlement) {
  std::string words = word(settlement.fate);
  for (const auto& report : settlement.reports) words += ' ' + word(report.action);
  return words;
}

// --- the table ----------------------------------------------------------------------------------

struct Row {
  Kind kind;
  std::string host;
  std::chrono::hours age;
  std::string notify;
  std::string expected;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << "kind " << static_cast<int>(row.kind) << ", host '" << row.host << "', age "
       << row.age.count() << " h, notify " << row.notify << " -> " << row.expected;
}

class SettleTable : public testing::TestWithParam<Row> {};

TEST_P(SettleTable, SaysWhatBecomesOfTheItemAndWhoIsTold) {
  const Row& row = GetParam();
  const auto item = item_for({to("bert@world.example", notify(row.notify))});
  EXPECT_EQ(in_words(settle_one(item, row.kind, row.age, row.host)), row.expected);
}

const std::string host = "mx.world.example";

INSTANTIATE_TEST_SUITE_P(
    AllOutcomes, SettleTable,
    testing::Values(
        // RFC 3461 §5.2.1: the next host speaks DSN, reporting success is its business
        Row{Kind::delivered, host, 0h, "fd", "done"}, Row{Kind::delivered, host, 0h, "sfd", "done"},
        Row{Kind::delivered, host, 0h, "never", "done"},
        Row{Kind::delivered, host, 200h, "sfd", "done"},
        // §5.2.3: nobody after us
        Row{Kind::delivered, "", 0h, "fd", "done"},
        Row{Kind::delivered, "", 0h, "s", "done delivered"},
        Row{Kind::delivered, "", 0h, "never", "done"},
        // §5.2.2: the next host knows no DSN
        Row{Kind::relayed, host, 0h, "fd", "done"},
        Row{Kind::relayed, host, 0h, "sf", "done relayed"},
        Row{Kind::relayed, host, 0h, "never", "done"},
        Row{Kind::refused, host, 0h, "fd", "done failed"},
        Row{Kind::refused, host, 0h, "f", "done failed"},
        Row{Kind::refused, host, 0h, "sd", "done"}, Row{Kind::refused, host, 0h, "never", "done"},
        Row{Kind::refused, "", 0h, "f", "done failed"},
        Row{Kind::deferred, host, 0h, "fd", "retry"}, Row{Kind::deferred, host, 1h, "sfd", "retry"},
        Row{Kind::deferred, host, 2h, "fd", "retry delayed"},
        Row{Kind::deferred, host, 119h, "d", "retry delayed"},
        Row{Kind::deferred, host, 3h, "sf", "retry"},
        Row{Kind::deferred, host, 3h, "never", "retry"},
        Row{Kind::deferred, "", 3h, "d", "retry delayed"},
        Row{Kind::deferred, host, 120h, "fd", "done failed"},
        Row{Kind::deferred, "", 500h, "f", "done failed"},
        Row{Kind::deferred, host, 120h, "sd", "done"},
        Row{Kind::deferred, host, 120h, "never", "done"}));

TEST(Settle, R52_TheNullReversePathIsNeverAnswered) {
  for (const Kind kind : {Kind::delivered, Kind::relayed, Kind::deferred, Kind::refused}) {
    for (const auto age : {0h, 3h, 200h}) {
      auto item = item_for({to("bert@world.example", notify("sfd"))});
      item.consignment.envelope.reverse_path.reset();
      EXPECT_THAT(settle_one(item, kind, age, "").reports, IsEmpty());
      const Error hopeless(Fault::peer, "cannot be sent");
      EXPECT_THAT(settle(item, hopeless, plan(), item.arrived + age).reports, IsEmpty());
    }
  }
}

TEST(Settle, AFailureThatNobodyMayBeToldIsCounted) {
  auto item = item_for({to("bert@world.example")});
  item.consignment.envelope.reverse_path.reset();
  EXPECT_EQ(settle_one(item, Kind::refused, 0h).failed, 1U);
  EXPECT_EQ(settle_one(item, Kind::deferred, 500h).failed, 1U);
  EXPECT_EQ(settle_one(item, Kind::deferred, 1h).failed, 0U);
}

TEST(Settle, OfTheDelayTheSenderIsToldOnce) {
  auto item = item_for({to("bert@world.example")});
  const Settlement first = settle_one(item, Kind::deferred, 3h);
  EXPECT_TRUE(first.item.delay_told);
  EXPECT_EQ(in_words(settle_one(first.item, Kind::deferred, 4h)), "retry");
}

TEST(Settle, R06_ConfidentialMailIsGivenUpEarlierAndGoesBackAsHeadOnly) {
  auto item = item_for({to("bert@world.example")});
  EXPECT_EQ(in_words(settle_one(item, Kind::deferred, 48h)), "retry delayed");
  item.consignment.confidential = true;
  const Settlement settlement = settle_one(item, Kind::deferred, 48h);
  EXPECT_EQ(in_words(settlement), "done failed");
  EXPECT_EQ(relay::returned(settlement, 100), mail::Returned::head);
}

TEST(Settle, TheMessageGoesBackOnlyWithAFailureAndIfWanted) {
  auto item = item_for({to("bert@world.example", notify("sfd"))});
  const Settlement failed = settle_one(item, Kind::refused, 0h);
  EXPECT_EQ(relay::returned(failed, 100), mail::Returned::message);
  EXPECT_EQ(relay::returned(failed, 2U << 20U), mail::Returned::head);
  EXPECT_EQ(relay::returned(settle_one(item, Kind::relayed, 0h), 100), mail::Returned::head);
  EXPECT_EQ(relay::returned(settle_one(item, Kind::deferred, 3h), 100), mail::Returned::head);
  item.consignment.envelope.return_headers_only = true;  // RFC 3461 §4.3: RET=HDRS
  EXPECT_EQ(relay::returned(settle_one(item, Kind::refused, 0h), 100), mail::Returned::head);
}

TEST(Settle, EachRecipientHasItsOwnFate) {
  const auto anton = to("anton@x.example"), berta = to("berta@x.example", notify("s")),
             carl = to("carl@x.example"), dora = to("dora@x.example");
  const auto item = item_for({anton, berta, carl, dora});
  const std::vector<smtp::Outcome> outcomes{
      fate(anton, Kind::refused, "5.1.1"), fate(berta, Kind::relayed, "2.1.5"),
      fate(carl, Kind::deferred, "4.2.2"), fate(dora, Kind::delivered, "2.1.5")};
  const Settlement settlement = settle(item, outcomes, plan(), item.arrived);
  EXPECT_EQ(in_words(settlement), "retry failed relayed");
  EXPECT_EQ(settlement.failed, 1U);
  const auto& left = settlement.item.consignment.envelope.recipients;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].address, carl.address);
  EXPECT_EQ(settlement.item.last_answer, "4.2.2 said the host");
  EXPECT_EQ(settlement.reports[0].status, "5.1.1");
  EXPECT_EQ(settlement.reports[0].remote_host, host);
  EXPECT_FALSE(settlement.reports[0].advice_de.empty());
  EXPECT_FALSE(settlement.reports[0].advice_en.empty());
}

TEST(Settle, WhoIsTooOldGetsStatus447) {
  const auto item = item_for({to("bert@world.example")});
  const Settlement settlement = settle_one(item, Kind::deferred, 120h);
  EXPECT_EQ(settlement.reports.at(0).status, "4.4.7");  // RFC 3463 §3.5
  EXPECT_EQ(settlement.reports.at(0).diagnostic, "x.y.z said the host");
}

TEST(Settle, ARecipientWithoutAnOutcomeStays) {
  const auto anton = to("anton@x.example"), berta = to("berta@x.example");
  const auto item = item_for({anton, berta});
  EXPECT_EQ(settle(item, {}, plan(), item.arrived).item.consignment.envelope.recipients.size(), 2U);
  // and one that is about somebody else says nothing
  const std::vector<smtp::Outcome> twisted{fate(berta, Kind::delivered),
                                           fate(berta, Kind::refused)};
  const Settlement settlement = settle(item, twisted, plan(), item.arrived);
  ASSERT_EQ(settlement.item.consignment.envelope.recipients.size(), 1U);
  EXPECT_EQ(settlement.item.consignment.envelope.recipients[0].address, anton.address);
}

TEST(Settle, NotifyAndOriginalRecipientOutliveTheAttempt) {
  auto bert = to("bert@world.example", notify("s"));
  bert.original = "rfc822;bert@old.example";
  const auto item = item_for({bert});
  const std::vector<smtp::Outcome> bare{fate(to("bert@world.example"), Kind::deferred, "4.0.0")};
  const auto left = settle(item, bare, plan(), item.arrived).item.consignment.envelope.recipients;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left[0].notify.success);
  EXPECT_EQ(left[0].original, bert.original);
}

// --- faults -------------------------------------------------------------------------------------

Settlement settle_fault(Fault fault, std::chrono::hours age) {
  const auto item = item_for({to("anton@x.example"), to("berta@x.example")});
  return settle(item, Error(fault, "said", "secret detail"), plan(), item.arrived + age);
}

TEST(Settle, AFaultOfThePeerBouncesForEverybody) {
  const Settlement settlement = settle_fault(Fault::peer, 0h);
  EXPECT_EQ(in_words(settlement), "done failed failed");
  EXPECT_EQ(settlement.reports[0].status, "5.6.0");
  EXPECT_EQ(settlement.reports[0].diagnostic, "said");  // the detail is for the log only
}

TEST(Settle, AFaultOfTheWorldIsTriedAgainUntilItIsTooOld) {
  EXPECT_EQ(in_words(settle_fault(Fault::world, 0h)), "retry");
  EXPECT_EQ(in_words(settle_fault(Fault::world, 3h)), "retry delayed delayed");
  EXPECT_EQ(in_words(settle_fault(Fault::world, 120h)), "done failed failed");
}

TEST(Settle, AFaultOfOursIsHeldAndNobodyIsTold) {
  for (const auto age : {0h, 3h, 500h}) {
    const Settlement settlement = settle_fault(Fault::ours, age);
    EXPECT_EQ(in_words(settlement), "hold");
    EXPECT_TRUE(settlement.item.held);
    EXPECT_EQ(settlement.item.consignment.envelope.recipients.size(), 2U);
    EXPECT_EQ(settlement.item.last_answer, "said");
  }
}

// --- when ---------------------------------------------------------------------------------------

TEST(Settle, EachAttemptIsCountedAndWaitsAsPlannedTheLastWaitRepeats) {
  auto item = item_for({to("bert@world.example")});
  item.attempts = 0;
  const Time now = item.arrived;
  std::vector<std::chrono::minutes> waits;
  for (int i = 0; i < 5; ++i) {
    item = relay::registered(item, plan(), now);
    waits.push_back(std::chrono::duration_cast<std::chrono::minutes>(item.next_attempt - now));
  }
  EXPECT_EQ(item.attempts, 5U);
  EXPECT_THAT(waits, ElementsAre(1min, 5min, 30min, 30min, 30min));
}

TEST(Settle, TheWaitBeginsWhenTheAttemptHasEnded) {
  auto item = item_for({to("bert@world.example")});
  item.attempts = 2;
  const Settlement settlement = settle_one(item, Kind::deferred, 1h);
  EXPECT_EQ(settlement.item.next_attempt, item.arrived + 1h + 5min);
  EXPECT_EQ(settlement.item.attempts, 2U);
}

TEST(Settle, TheLastAttemptIsMadeWhenTheTimeIsUp) {
  auto item = item_for({to("bert@world.example")});
  item.attempts = 9;
  item.delay_told = true;
  const Settlement settlement = settle_one(item, Kind::deferred, 119h + 50min);
  EXPECT_EQ(settlement.item.next_attempt, item.arrived + 120h);
}

TEST(Settle, WithoutAPlanItWaitsHalfAnHour) {
  auto item = item_for({to("bert@world.example")});
  config::Retry retry = plan();
  retry.after.clear();
  EXPECT_EQ(relay::registered(item, retry, item.arrived).next_attempt, item.arrived + 30min);
}

TEST(Settle, ThereIsNewsWhenTheNoticeIsDueOrTheTimeIsUp) {
  auto item = item_for({to("bert@world.example")});
  EXPECT_FALSE(relay::has_news(item, plan(), item.arrived + 1h));
  EXPECT_TRUE(relay::has_news(item, plan(), item.arrived + 2h));
  item.delay_told = true;
  EXPECT_FALSE(relay::has_news(item, plan(), item.arrived + 119h));
  EXPECT_TRUE(relay::has_news(item, plan(), item.arrived + 120h));
}

}  // namespace
}  // namespace siegel::tests
