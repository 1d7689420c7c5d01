// The courier with a real spool, a clock that stands still and a next hop that plays a script.

#include "gateway/relay/courier.h"

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>

#include "tests/relay/items.h"
#include "tests/support/files.h"
#include "tests/support/forgetful_disk.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using relay::Courier;
using spool::Spool;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using Kind = smtp::Outcome::Kind;

std::shared_ptr<config::Config> city() {
  auto config = std::make_shared<config::Config>();
  config->name = "gateway.stadt.example";
  config->domains = {"stadt.example"};
  config->relay.inside.to.host = "mail.stadt.example";
  config->relay.world.to.host = "mx.world.example";
  config->relay.retry.after = {1min, 5min, 30min};
  return config;
}

/// A next hop that answers as told and remembers who came.
class Hop {
 public:
  using Answer = std::function<smtp::Outcome(const mail::Recipient&)>;

  void answers(Answer answer) {
    script_.with([&](Script& script) { script.answer = std::move(answer); });
  }
  void answers(Kind kind, const std::string& status, const std::string& host = "mx.world.example") {
    answers([=](const mail::Recipient& recipient) { return fate(recipient, kind, status, host); });
  }
  /// "<envelope id> <host>" of each delivery.
  [[nodiscard]] std::vector<std::string> visits() const {
    return script_.with([](const Script& script) { return script.visits; });
  }

  std::vector<smtp::Outcome> take(const config::Delivery& hop, const mail::Envelope& envelope) {
    const Answer answer = script_.with([&](Script& script) {
      script.visits.push_back(envelope.id + ' ' + hop.to.host);
      return script.answer;
    });
    std::vector<smtp::Outcome> outcomes;
    for (const mail::Recipient& recipient : envelope.recipients)
      outcomes.push_back(answer(recipient));
    return outcomes;
  }

 private:
  struct Script {
    Answer answer = [](const mail::Recipient& r) { return fate(r, Kind::delivered, "2.0.0"); };
    std::vector<std::string> visits;
  };
  Guarded<Script> script_;
};

class CourierTest : public testing::Test {
 protected:
  CourierTest() { start_anew(); }

  /// As after a restart of the daemon.
  void start_anew() {
    courier_.reset();
    spool_.reset();
    spool_ = std::make_unique<Spool>(disk_, folder_.path());
    courier_ = std::make_unique<Courier>(config_, *spool_, clock_, log_);
    courier_->deliver_by([this](const config::Delivery& hop, const mail::Envelope& envelope,
                                const Blob&) { return hop_.take(hop, envelope); });
  }
  void commit(const spool::Consignment& consignment) const {
    auto batch = spool_->begin(consignment.envelope);
    batch.add(consignment, Octets(Blob("Subject: x\r\n\r\nthe secret body\r\n")));
    batch.commit();
  }
  void commit(const std::string& id) const { commit(from_anna(id, {to("bert@world.example")})); }
  void carry_all() const {
    while (courier_->carry_one()) {
    }
  }
  [[nodiscard]] std::vector<spool::Item> items() const { return spool_->list(); }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> found;
    for (const auto& item : items()) found.push_back(item.id);
    return found;
  }
  /// The one item that is a report on `id`.
  [[nodiscard]] std::optional<spool::Item> report_on(const std::string& id) const {
    for (const auto& item : items()) {
      if (item.consignment.reason == "report on " + id) return item;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string octets_of(const spool::Item& item) const {
    return std::string(spool_->claim(item.id)->message().view());
  }
  [[nodiscard]] std::string log() const { return read_file(folder_ / "log"); }

  TemporaryDirectory folder_;
  ForgetfulDisk disk_{folder_.path()};
  ManualClock clock_;
  Current<config::Config> config_{city()};
  Log log_ = Log::to_file((folder_ / "log").string());
  Hop hop_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Courier> courier_;
};

// --- outcomes -----------------------------------------------------------------------------------

TEST_F(CourierTest, WhatIsDeliveredLeavesTheSpool) {
  commit("a1");
  EXPECT_TRUE(courier_->carry_one());
  EXPECT_FALSE(courier_->carry_one());
  EXPECT_THAT(hop_.visits(), ElementsAre("a1 mx.world.example"));
  EXPECT_THAT(items(), IsEmpty());
}

TEST_F(CourierTest, EachSideHasItsNextHop) {
  auto inwards = from_anna("a1", {to("carl@stadt.example")});
  inwards.towards = config::Side::inside;
  commit(inwards);
  commit("b1");
  carry_all();
  EXPECT_THAT(hop_.visits(), ElementsAre("a1 mail.stadt.example", "b1 mx.world.example"));
}

TEST_F(CourierTest, WhatIsDeferredComesAgainWhenItIsDue) {
  hop_.answers(Kind::deferred, "4.2.0");
  commit("a1");
  carry_all();
  EXPECT_EQ(items().at(0).next_attempt, clock_.now() + 1min);
  EXPECT_EQ(items().at(0).last_answer, "4.2.0 said the host");
  clock_.advance(59s);
  EXPECT_FALSE(courier_->carry_one());
  clock_.advance(1s);
  carry_all();
  EXPECT_EQ(items().at(0).attempts, 2U);
  EXPECT_EQ(items().at(0).next_attempt, clock_.now() + 5min);
  EXPECT_THAT(hop_.visits(), SizeIs(2));
}

TEST_F(CourierTest, OnlyWhoIsLeftIsTriedAgain) {
  hop_.answers([](const mail::Recipient& recipient) {
    const bool is_bert = recipient.address.local() == "bert";
    return fate(recipient, is_bert ? Kind::deferred : Kind::delivered);
  });
  commit(from_anna("a1", {to("anton@x.example"), to("bert@x.example"), to("carl@x.example")}));
  carry_all();
  const auto left = items().at(0).consignment.envelope.recipients;
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].address.local(), "bert");
}

TEST_F(CourierTest, TheNextAttemptIsOnTheDiskBeforeThisOneDials) {
  std::vector<Time> registered;
  hop_.answers([&](const mail::Recipient& recipient) {
    registered.push_back(
        Spool(disk_, folder_.path(), spool::Role::visitor).list().at(0).next_attempt);
    return fate(recipient, Kind::deferred, "4.2.0");
  });
  commit("a1");
  for (int i = 0; i < 4; ++i) {
    const Time now = clock_.now();
    carry_all();
    EXPECT_GT(registered.at(static_cast<std::size_t>(i)), now);
    clock_.set(items().at(0).next_attempt);
  }
}

TEST_F(CourierTest, AHopIsNotHammeredByCrashes) {
  commit("a1");
  hop_.answers([](const mail::Recipient&) -> smtp::Outcome { throw std::bad_alloc(); });
  const auto crash_after = [&](std::size_t changes) {
    disk_.cut_power_after(changes);
    carry_all();
    disk_.forget();
    start_anew();
  };
  for (int crash = 0; crash < 3; ++crash) crash_after(0);
  EXPECT_THAT(hop_.visits(), SizeIs(1)) << "dialled again although no time had passed";
  clock_.advance(Spool::first_wait);
  for (int crash = 0; crash < 3; ++crash) crash_after(3);  // the registration: write, rename, sync
  EXPECT_THAT(hop_.visits(), SizeIs(2));
  EXPECT_EQ(items().at(0).attempts, 1U);
}

// --- reports ------------------------------------------------------------------------------------

TEST_F(CourierTest, ARefusalIsReportedToTheSender) {
  hop_.answers(Kind::refused, "5.1.1");
  commit("a1");
  EXPECT_TRUE(courier_->carry_one());
  const auto report = report_on("a1.1");
  ASSERT_TRUE(report);
  EXPECT_THAT(items(), SizeIs(1)) << "the original is gone";
  const mail::Envelope& envelope = report->consignment.envelope;
  EXPECT_FALSE(envelope.reverse_path);  // RFC 3464 §2
  ASSERT_THAT(envelope.recipients, SizeIs(1));
  EXPECT_EQ(envelope.recipients[0].address.str(), "anna@stadt.example");
  EXPECT_TRUE(envelope.recipients[0].notify.never);
  EXPECT_EQ(report->consignment.towards, config::Side::inside);
  EXPECT_THAT(octets_of(*report), HasSubstr("5.1.1 said the host"));
  EXPECT_THAT(octets_of(*report), HasSubstr("the secret body"));
}

TEST_F(CourierTest, ASenderOfTheWorldIsToldThere) {
  hop_.answers(Kind::refused, "5.1.1");
  auto from_world = from_anna("a1", {to("bert@stadt.example")});
  from_world.envelope.reverse_path = Address::parse("zoe@world.example");
  from_world.towards = config::Side::inside;
  commit(from_world);
  EXPECT_TRUE(courier_->carry_one());
  EXPECT_EQ(report_on("a1.1")->consignment.towards, config::Side::world);
}

TEST_F(CourierTest, R06_AReportOnConfidentialMailCarriesItsHeadOnly) {
  hop_.answers(Kind::refused, "5.1.1");
  auto confidential = from_anna("a1", {to("bert@world.example")});
  confidential.confidential = true;
  commit(confidential);
  EXPECT_TRUE(courier_->carry_one());
  const auto report = report_on("a1.1");
  ASSERT_TRUE(report);
  EXPECT_THAT(octets_of(*report), HasSubstr("Subject: x"));
  EXPECT_THAT(octets_of(*report), Not(HasSubstr("the secret body")));
}

TEST_F(CourierTest, R52_NobodyIsToldOfMailFromNobody) {
  hop_.answers(Kind::refused, "5.1.1");
  auto report = from_anna("a1", {to("bert@world.example")});
  report.envelope.reverse_path.reset();
  commit(report);
  carry_all();
  EXPECT_THAT(items(), IsEmpty());
  EXPECT_THAT(log(), HasSubstr("event=undeliverable id=a1.1"));
}

TEST_F(CourierTest, AReportThatIsRefusedEndsThere) {
  hop_.answers(Kind::refused, "5.1.1");
  commit("a1");
  carry_all();  // the message, then the report on it
  EXPECT_THAT(items(), IsEmpty());
  EXPECT_THAT(hop_.visits(), SizeIs(2));
}

TEST_F(CourierTest, OfADelayTheSenderIsToldAndTheItemStays) {
  hop_.answers(Kind::deferred, "4.2.0");
  commit("a1");
  clock_.advance(3h);
  EXPECT_TRUE(courier_->carry_one());
  ASSERT_TRUE(report_on("a1.1"));
  EXPECT_THAT(octets_of(*report_on("a1.1")), HasSubstr("Action: delayed"));
  EXPECT_TRUE(items().at(0).delay_told);
}

TEST_F(CourierTest, BetweenReportAndRemovalACrashDoublesAtWorst) {
  bool is_over = false;
  for (std::size_t changes = 0; !is_over; ++changes) {
    ASSERT_LT(changes, 30U);
    const std::string id = "a" + std::to_string(changes);
    hop_.answers(Kind::refused, "5.1.1");
    commit(id);
    disk_.cut_power_after(changes);
    courier_->carry_one();
    disk_.forget();
    start_anew();
    const bool is_there = std::ranges::count(ids(), id + ".1") > 0;
    EXPECT_TRUE(is_there || report_on(id + ".1")) << "lost after " << changes << " changes";
    is_over = !is_there;
  }
}

// --- faults -------------------------------------------------------------------------------------

TEST_F(CourierTest, AFaultOfOursHoldsTheItemAndTheNextOneIsCarried) {
  hop_.answers([](const mail::Recipient& recipient) -> smtp::Outcome {
    if (recipient.address.local() == "bad") throw Error(Fault::ours, "broken set-up", "detail");
    if (recipient.address.local() == "worse") throw std::runtime_error("a library's own");
    return fate(recipient, Kind::delivered);
  });
  commit(from_anna("a1", {to("bad@x.example")}));
  commit(from_anna("b1", {to("worse@x.example")}));
  commit(from_anna("c1", {to("good@x.example")}));
  carry_all();
  EXPECT_THAT(ids(), UnorderedElementsAre("a1.1", "b1.1"));
  EXPECT_TRUE(items()[0].held && items()[1].held);
  EXPECT_THAT(log(), HasSubstr("event=held id=a1.1"));
}

TEST_F(CourierTest, AFaultOfThePeerBouncesAndOneOfTheWorldWaits) {
  hop_.answers([](const mail::Recipient& recipient) -> smtp::Outcome {
    const bool is_hopeless = recipient.address.local() == "hopeless";
    throw Error(is_hopeless ? Fault::peer : Fault::world, "said", "detail");
  });
  commit(from_anna("a1", {to("hopeless@x.example")}));
  commit(from_anna("b1", {to("later@x.example")}));
  EXPECT_TRUE(courier_->carry_one());
  EXPECT_TRUE(courier_->carry_one());
  EXPECT_TRUE(report_on("a1.1"));
  const auto left = items();
  ASSERT_THAT(left, SizeIs(2));  // the report on a1.1, and
  EXPECT_EQ(left[1].id, "b1.1");
  EXPECT_FALSE(left[1].held);
}

TEST_F(CourierTest, WithAFullDiskNothingIsDialledThatCouldNotBeRegistered) {
  hop_.answers(Kind::deferred, "4.2.0");
  commit("a1");
  disk_.fill_up();
  carry_all();  // the first attempt was registered by the commit
  for (int minutes = 0; minutes < 5; ++minutes) {
    clock_.advance(1min);
    carry_all();
  }
  EXPECT_THAT(hop_.visits(), SizeIs(1));
  EXPECT_THAT(log(), HasSubstr("event=item_failed id=a1.1"));
  disk_.make_room();
  hop_.answers(Kind::delivered, "2.0.0");
  clock_.advance(1min);
  carry_all();
  EXPECT_THAT(items(), IsEmpty());
}

TEST_F(CourierTest, WhatIsHeldIsNotCarried) {
  hop_.answers(Kind::deferred, "4.2.0");
  commit("a1");
  carry_all();
  {
    Spool cli(disk_, folder_.path(), spool::Role::visitor);
    auto claim = cli.claim("a1.1");
    spool::Item item = claim->item();
    item.held = true;
    claim->update(item);
  }
  clock_.advance(1h);
  carry_all();
  EXPECT_THAT(hop_.visits(), SizeIs(1));
}

// --- a next hop that is down --------------------------------------------------------------------

TEST_F(CourierTest, AHopThatIsDownIsNotDialledForEveryItem) {
  hop_.answers(Kind::deferred, "4.4.1", "");
  for (const char* const id : {"a1", "b1", "c1"}) commit(id);
  carry_all();
  EXPECT_THAT(hop_.visits(), ElementsAre("a1 mx.world.example"));
  clock_.advance(relay::Backoff::first_wait);
  carry_all();
  EXPECT_THAT(hop_.visits(), SizeIs(2)) << "one item tries, the others wait again";
  hop_.answers(Kind::delivered, "2.0.0");
  clock_.advance(1min);
  carry_all();
  EXPECT_THAT(items(), IsEmpty());
}

TEST_F(CourierTest, TheOtherSideIsCarriedMeanwhile) {
  hop_.answers(Kind::deferred, "4.4.1", "");
  commit("a1");
  carry_all();
  hop_.answers(Kind::delivered, "2.0.0");
  auto inwards = from_anna("b1", {to("carl@stadt.example")});
  inwards.towards = config::Side::inside;
  commit(inwards);
  carry_all();
  EXPECT_THAT(ids(), ElementsAre("a1.1"));
}

TEST_F(CourierTest, AnAnswerHoweverBadIsNotDown) {
  hop_.answers(Kind::deferred, "4.2.0");
  commit("a1");
  commit("b1");
  carry_all();
  EXPECT_THAT(hop_.visits(), SizeIs(2));
}

TEST_F(CourierTest, WhoWaitsForAHopThatIsDownIsToldOfTheDelayAndGivenUp) {
  hop_.answers(Kind::deferred, "4.4.1", "");
  auto inwards = from_anna("b1", {to("carl@stadt.example")});
  inwards.envelope.reverse_path = Address::parse("zoe@world.example");
  inwards.towards = config::Side::inside;
  commit(inwards);
  clock_.advance(119h + 59min);
  commit(from_anna("c1", {to("carl@stadt.example")}));
  carry_all();
  ASSERT_TRUE(report_on("b1.1"));
  EXPECT_THAT(octets_of(*report_on("b1.1")), HasSubstr("Action: delayed"));
}

TEST_F(CourierTest, EvenWithoutDialling) {
  hop_.answers(Kind::deferred, "4.4.1", "");
  commit("a1");
  commit("b1");
  clock_.advance(121h);
  EXPECT_TRUE(courier_->carry_one());
  EXPECT_TRUE(courier_->carry_one());
  EXPECT_THAT(hop_.visits(), SizeIs(1));
  EXPECT_TRUE(report_on("a1.1") && report_on("b1.1"));
}

TEST(Backoff, WaitsLongerEachTimeUpToFiveMinutesUntilReached) {
  const auto world = config::Side::world;
  relay::Backoff backoff;
  Time now = ManualClock().now();
  std::vector<std::chrono::seconds> waits;
  for (int i = 0; i < 7; ++i) {
    backoff.unreachable(world, now);
    backoff.unreachable(world, now);  // another courier, at the same time
    const Time until = backoff.closed_until(world, now).value();
    waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(until - now));
    now = until;
    EXPECT_FALSE(backoff.closed_until(world, now));
  }
  EXPECT_THAT(waits, ElementsAre(10s, 20s, 40s, 80s, 160s, 300s, 300s));
  backoff.unreachable(world, now);
  EXPECT_FALSE(backoff.closed_until(config::Side::inside, now));
  backoff.reached(world);
  EXPECT_FALSE(backoff.closed_until(world, now));
}

// --- threads ------------------------------------------------------------------------------------

/// Waits for `done` in real time: threads need some.
bool soon(const std::function<bool()>& done) {
  for (int i = 0; i < 2000; ++i) {
    if (done()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST_F(CourierTest, ACommitWakesTheCouriersAndEachItemIsDeliveredOnce) {
  courier_->start();
  for (int i = 0; i < 50; ++i) commit("a" + std::to_string(i));
  EXPECT_TRUE(soon([&] { return items().empty(); }));
  EXPECT_TRUE(courier_->stop());
  auto visits = hop_.visits();
  std::ranges::sort(visits);
  EXPECT_THAT(visits, SizeIs(50));
  EXPECT_EQ(std::ranges::adjacent_find(visits), visits.end());
}

TEST_F(CourierTest, WhatBecomesDueIsCarriedWithoutACommit) {
  hop_.answers(Kind::deferred, "4.2.0");
  commit("a1");
  courier_->start();
  EXPECT_TRUE(soon([&] { return items().at(0).attempts == 1; }));
  hop_.answers(Kind::delivered, "2.0.0");
  clock_.advance(1min);
  EXPECT_TRUE(soon([&] { return items().empty(); }));
}

TEST_F(CourierTest, StopLetsARunningDeliveryEnd) {
  std::promise<void> arrived, may_end;
  hop_.answers([&](const mail::Recipient& recipient) {
    arrived.set_value();
    may_end.get_future().wait();
    return fate(recipient, Kind::delivered);
  });
  courier_->start();
  commit("a1");
  arrived.get_future().wait();
  EXPECT_FALSE(courier_->stop(10ms)) << "it still runs";
  may_end.set_value();
  EXPECT_TRUE(courier_->stop(20s));
  EXPECT_THAT(items(), IsEmpty());
}

TEST_F(CourierTest, AfterStopNothingIsCarried) {
  courier_->start();
  EXPECT_TRUE(courier_->stop());
  commit("a1");
  EXPECT_THAT(ids(), ElementsAre("a1.1"));
  EXPECT_THAT(hop_.visits(), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
