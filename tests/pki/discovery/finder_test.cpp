#include "pki/discovery/finder.h"

#include <gmock/gmock.h>

#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::Provenance;
using pki::discovery::Answer;
using pki::discovery::Breaker;
using pki::discovery::Finder;
using pki::discovery::Finds;
using pki::discovery::Place;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Outcome = pki::discovery::Answer::Outcome;

TEST(Breakers, OpenAfterThreeFailuresInARow) {
  Breaker breaker;
  const Time now = *parse_rfc3339("2026-06-01T12:00:00Z");
  breaker.failed(now);
  breaker.failed(now);
  EXPECT_TRUE(breaker.admits(now));
  breaker.failed(now);
  EXPECT_EQ(breaker.state(), Breaker::State::open);
  EXPECT_FALSE(breaker.admits(now + 59s));
}

TEST(Breakers, LetOneThroughAndRestTwiceAsLongIfItFails) {
  Breaker breaker;
  const Time now = *parse_rfc3339("2026-06-01T12:00:00Z");
  for (int i = 0; i < 3; ++i) breaker.failed(now);
  EXPECT_TRUE(breaker.admits(now + 60s));
  EXPECT_EQ(breaker.state(), Breaker::State::half_open);
  EXPECT_FALSE(breaker.admits(now + 60s));
  breaker.failed(now + 61s);
  EXPECT_FALSE(breaker.admits(now + 61s + 119s));
  EXPECT_TRUE(breaker.admits(now + 61s + 120s));
}

TEST(Breakers, CloseWhenTheOneSucceeds) {
  Breaker breaker;
  const Time now = *parse_rfc3339("2026-06-01T12:00:00Z");
  for (int i = 0; i < 3; ++i) breaker.failed(now);
  EXPECT_TRUE(breaker.admits(now + 60s));
  breaker.succeeded();
  EXPECT_EQ(breaker.state(), Breaker::State::closed);
}

/// What a place of the tests does when it is asked.
struct Script {
  std::string called;
  Provenance provenance;
  enum { gives, has_none, fails } does;
  std::optional<Certificate> certificate{};
  bool is_partial = false;
};

class Finders : public ::testing::Test {
 protected:
  class Scripted final : public Place {
   public:
    Scripted(const Script& script, std::vector<std::string>& asked)
        : script_(script), asked_(asked) {}
    [[nodiscard]] Provenance provenance() const override { return script_.provenance; }
    [[nodiscard]] bool serves(const Address& address) const override {
      return address.domain() == "firma.example";
    }
    [[nodiscard]] std::string asked(const Address&) const override { return script_.called; }
    [[nodiscard]] Finds ask(const Address&, std::chrono::milliseconds) const override {
      asked_.push_back(script_.called);
      if (script_.does == Script::fails) throw Error(Fault::world, "out of order");
      Finds finds;
      if (script_.does == Script::gives) finds.openpgp = {"key"};
      finds.is_partial = script_.is_partial;
      if (script_.certificate) finds.certificates = {*script_.certificate};
      return finds;
    }

   private:
    const Script& script_;
    std::vector<std::string>& asked_;
  };

  /// The scripts may be changed later.
  Finder& finder(std::vector<Script> scripts) {
    scripts_ = std::move(scripts);
    std::vector<std::unique_ptr<Place>> places;
    for (const Script& each : scripts_) places.push_back(std::make_unique<Scripted>(each, asked_));
    finder_.emplace(std::move(places), Finder::Terms{1s, 24h, 1h}, clock_);
    return *finder_;
  }
  /// Takes whatever there is; the outcomes, one after the other.
  std::vector<Outcome> find(const std::string& of = anna) {
    std::vector<Outcome> outcomes;
    finder_->find(address(of), [&](const Answer& answer) {
      outcomes.push_back(answer.outcome);
      return answer.outcome == Outcome::found;
    });
    return outcomes;
  }
  [[nodiscard]] bool is_worth_asking(const std::string& of = anna) const {
    return finder_->is_worth_asking(address(of));
  }

  ManualClock clock_;
  std::vector<Script> scripts_;
  std::vector<std::string> asked_;
  std::optional<Finder> finder_;
};

TEST_F(Finders, R33_BestRankIsAskedFirst) {
  finder({{"dns", Provenance::dns, Script::has_none},
          {"foreign", Provenance::foreign_directory, Script::has_none},
          {"own", Provenance::directory, Script::has_none}});
  find();
  EXPECT_THAT(asked_, ElementsAre("own", "foreign", "dns"));
}

TEST_F(Finders, NobodyElseIsAskedOnceAKeyIsFound) {
  finder({{"own", Provenance::directory, Script::gives}, {"dns", Provenance::dns, Script::gives}});
  EXPECT_THAT(find(), ElementsAre(Outcome::found));
  EXPECT_THAT(asked_, ElementsAre("own"));
}

TEST_F(Finders, AKeyThatWasOfNoUseDoesNotEndTheSearch) {
  finder({{"own", Provenance::directory, Script::gives}, {"dns", Provenance::dns, Script::gives}});
  finder_->find(address(anna), [](const Answer&) { return false; });
  EXPECT_THAT(asked_, ElementsAre("own", "dns"));
}

TEST_F(Finders, FailureOfOneLeavesTheOthers) {
  finder({{"own", Provenance::directory, Script::fails}, {"dns", Provenance::dns, Script::gives}});
  EXPECT_THAT(find(), ElementsAre(Outcome::failed, Outcome::found));
}

TEST_F(Finders, WhoWasFoundIsKnownForADayWhoWasNotForAnHour) {
  finder({{"own", Provenance::directory, Script::gives}});
  EXPECT_TRUE(is_worth_asking());
  find();
  clock_.advance(23h);
  EXPECT_FALSE(is_worth_asking());
  clock_.advance(2h);
  EXPECT_TRUE(is_worth_asking());
  scripts_[0].does = Script::has_none;
  find();
  clock_.advance(59min);
  EXPECT_FALSE(is_worth_asking());
  clock_.advance(2min);
  EXPECT_TRUE(is_worth_asking());
}

/// STANDARDS §5.5: positive answers count until the certificate ends, if that is sooner.
TEST_F(Finders, ACertificateThatEndsSoonIsLookedForAgainThen) {
  const Time now = clock_.now();
  const LocalCa authority = LocalCa::make("Prüfstadt", "CA", pki::KeyType::p256, now - one_day);
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  finder({{"own", Provenance::directory, Script::gives,
           authority.issue({"Anna", {anna}, Usage::both, now - 1h, now + 2h}, key)}});
  find();
  clock_.advance(119min);
  EXPECT_FALSE(is_worth_asking());
  clock_.advance(2min);
  EXPECT_TRUE(is_worth_asking());
}

TEST_F(Finders, WhatCouldNotBeTakenIsNotAskedForWithEveryMail) {
  finder({{"own", Provenance::directory, Script::gives}});
  const auto fails = [](const Answer&) -> bool { throw Error(Fault::world, "no database"); };
  EXPECT_THROW(finder_->find(address(anna), fails), Error);
  EXPECT_FALSE(is_worth_asking());
  clock_.advance(61s);
  EXPECT_TRUE(is_worth_asking());
}

TEST_F(Finders, WhoCouldNotBeAskedForIsTriedAgainSoon) {
  finder({{"own", Provenance::directory, Script::fails}});
  find();
  EXPECT_FALSE(is_worth_asking());
  clock_.advance(61s);
  EXPECT_TRUE(is_worth_asking());
}

TEST_F(Finders, WhatWasAnsweredInPartIsNotRememberedAsNone) {
  finder({{"dns", Provenance::dns, Script::gives, {}, true}});
  finder_->find(address(anna), [](const Answer&) { return false; });
  EXPECT_FALSE(is_worth_asking());
  clock_.advance(61s);
  EXPECT_TRUE(is_worth_asking());
}

TEST_F(Finders, WhoFailsTooOftenIsLeftAlone) {
  finder({{"own", Provenance::directory, Script::fails}});
  for (int i = 0; i < 3; ++i) EXPECT_THAT(find(), ElementsAre(Outcome::failed));
  EXPECT_THAT(find("eva@firma.example"), ElementsAre(Outcome::resting));
  EXPECT_EQ(asked_.size(), 3U);
  clock_.advance(61s);
  scripts_[0].does = Script::gives;
  EXPECT_THAT(find(), ElementsAre(Outcome::found));
  EXPECT_THAT(find(), ElementsAre(Outcome::found));
}

TEST_F(Finders, NobodyIsAskedForStrangers) {
  finder({{"own", Provenance::directory, Script::gives}});
  EXPECT_FALSE(is_worth_asking("a@andere.example"));
  EXPECT_THAT(find("a@andere.example"), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
