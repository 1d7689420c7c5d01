#include "gateway/relay/housekeeper.h"

#include <thread>

#include <gmock/gmock.h>

#include "base/current.h"
#include "base/release.h"
#include "tests/pki/list_server.h"
#include "tests/pki/responder.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"
#include "tests/support/forgetful_disk.h"

namespace siegel::tests {
namespace {

using relay::Housekeeper;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class HousekeeperTest : public StoreTest {
 protected:
  /// What the log says of one round, the first after a start.
  [[nodiscard]] std::string round() {
    const std::size_t before = log_text().size();
    Housekeeper housekeeper(current_, store_, spool_, clock_, log_);
    housekeeper.start(60s);
    EXPECT_TRUE(housekeeper.stop(60s));
    return log_text().substr(before);
  }
  [[nodiscard]] std::string log_text() const { return read_file(folder_ / "log"); }

  Log log_ = Log::to_file((folder_ / "log").string());
  Current<config::Config> current_{config_};
  ForgetfulDisk disk_{folder_.path()};
  spool::Spool spool_{disk_, folder_.path()};
};

TEST_F(HousekeeperTest, SaysNothingWhereAllIsWell) {
  install(issue({}));
  EXPECT_EQ(round(), "");
}

TEST_F(HousekeeperTest, ARevokedCertificateOfAMailboxIsAnAlarm) {
  const Pair pair = issue({});
  install(pair);
  publish(authority_, {pair.certificate});
  EXPECT_THAT(round(), AllOf(HasSubstr("critical event=mailbox_cannot_sign"), HasSubstr(bauamt),
                             HasSubstr("was revoked by its authority")));
}

TEST_F(HousekeeperTest, AMailboxWhoseOtherCertificateSignsIsNoAlarm) {
  const Pair revoked = issue({});
  install(revoked);
  install(issue({.age = one_day}));
  publish(authority_, {revoked.certificate});
  EXPECT_THAT(round(), Not(HasSubstr("mailbox_cannot_sign")));
}

TEST_F(HousekeeperTest, ACertificateThatEndsSoonIsToldAndOneThatHasEndedIsAnAlarm) {
  install(issue({.age = one_day * 10, .life = one_day * 20}));
  EXPECT_THAT(round(), HasSubstr("certificate_expires"));
  clock_.advance(one_day * 11);
  EXPECT_THAT(round(), AllOf(HasSubstr("mailbox_cannot_sign"), HasSubstr("expired on 2026-06-11")));
}

TEST_F(HousekeeperTest, R39_ThatTheLastKeyOfAPeerHasExpiredIsToldOnce) {
  learn(issue({.address = anna, .age = one_day, .life = one_day * 3}));
  EXPECT_THAT(round(), Not(HasSubstr("peer_key_expired")));
  clock_.advance(one_day * 3);
  EXPECT_THAT(round(), AllOf(HasSubstr("event=peer_key_expired"), HasSubstr(anna)));
  EXPECT_THAT(round(), Not(HasSubstr("peer_key_expired")));
}

TEST_F(HousekeeperTest, R64_AWrongClockIsAnAlarmAtEachRound) {
  EXPECT_THAT(round(), Not(HasSubstr("clock_wrong")));
  clock_.set(release_time() - 1s);
  EXPECT_THAT(round(), HasSubstr("critical event=clock_wrong"));
  EXPECT_THAT(round(), HasSubstr("critical event=clock_wrong"));
}

TEST_F(HousekeeperTest, R64_AClockThatNothingKeepsRightIsTold) {
  EXPECT_THAT(round(), Not(HasSubstr("clock_unsynchronised")));
  clock_.set_synchronised(false);
  EXPECT_THAT(round(), HasSubstr("warning event=clock_unsynchronised"));
}

TEST_F(HousekeeperTest, R64_AnUnsynchronisedClockIsToldOnceUntilItIsRightAgain) {
  clock_.set_synchronised(false);
  Housekeeper housekeeper(current_, store_, spool_, clock_, log_);
  housekeeper.start(60s);
  housekeeper.wake();
  EXPECT_TRUE(housekeeper.stop(60s));
  const std::string text = log_text();
  EXPECT_EQ(text.find("clock_unsynchronised"), text.rfind("clock_unsynchronised"));
}

TEST_F(HousekeeperTest, WhatAMessageLeavesUnknownIsAskedForWhileTheRelayRuns) {
  ListServer server;
  Forgery forgery;
  forgery.san_emails = {anna};
  forgery.extensions = {{"authorityInfoAccess", "OCSP;URI:" + server.url("/ocsp")}};
  forgery.not_before = clock_.now() - 1h;
  forgery.not_after = clock_.now() + one_day;
  const LocalCa silent = new_authority("Listenlose CA");
  store_.add_anchor({silent.certificate(), config::RevocationMode::hard_fail, "test"});
  const auto leaf = forge(forgery, PrivateKey::generate(pki::KeyType::p256), silent);
  const ForgedAnswer good{.this_update = clock_.now() - 1h, .next_update = clock_.now() + 1h};
  server.serve("/ocsp", forge_answer(good, {leaf, silent.certificate()}, silent));
  configure([&](auto& config) {
    config.revocation.hosts = {
        {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(server.url("").substr(17)))}};
  });
  current_.store(config_);

  Housekeeper housekeeper(current_, store_, spool_, clock_, log_);
  housekeeper.start(60s);
  const auto judged = [&] {
    return store_.trust()->validate(leaf, {}, pki::Purpose::sign, clock_.now());
  };
  EXPECT_EQ(judged().status, pki::PathStatus::unchecked_revocation);
  store_.note_wanted(judged().wanted, clock_.now());
  for (int i = 0; i < 600 && judged().status != pki::PathStatus::trusted; ++i)
    std::this_thread::sleep_for(50ms);
  EXPECT_EQ(judged().status, pki::PathStatus::trusted);
  EXPECT_TRUE(housekeeper.stop(60s));
}

TEST_F(HousekeeperTest, WhatFailsIsLoggedAndTheOtherTasksGoOn) {
  const Pair pair = issue({});
  install(pair);
  publish(authority_, {pair.certificate});
  database_.write(
      [](Database::Session& session) { session << "DROP TABLE peer", Poco::Data::Keywords::now; });
  EXPECT_THAT(round(), AllOf(HasSubstr("event=housekeeping_failed task=\"peer keys\""),
                             HasSubstr("event=mailbox_cannot_sign")));
}

}  // namespace
}  // namespace siegel::tests
