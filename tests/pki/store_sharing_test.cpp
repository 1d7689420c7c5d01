#include <atomic>
#include <thread>

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>

#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A second store on the same file: what another process sees.
class StoreSharing : public StoreTest {
 protected:
  Database other_database_{database_url()};
  pki::KeyStore other_{other_database_, seal(), config_, clock_};
};

TEST_F(StoreSharing, ChangeOfAnotherProcessIsSeenAtTheNextCall) {
  EXPECT_EQ(signer(), "none");
  const Pair pair = issue({});
  other_.import(address(bauamt), {{pair.certificate}, {pair.key}});
  EXPECT_EQ(signer(), pair.certificate.fingerprint());
  other_.remove_anchor(authority_.certificate().fingerprint());
  EXPECT_THAT(store_.anchors(), IsEmpty());
}

TEST_F(StoreSharing, PeerOfAnotherProcessIsSeenAtTheNextCall) {
  EXPECT_THAT(usable(), IsEmpty());
  other_.add_peer(address(anna), issue({.address = anna}).certificate);
  EXPECT_EQ(usable().size(), 1U);
}

TEST_F(StoreSharing, TrustSnapshotIsKeptWhileNothingChanges) {
  const auto before = store_.trust();
  EXPECT_EQ(learn(issue({.address = anna})), Learned::added);
  EXPECT_EQ(store_.trust(), before);
  publish(authority_, {});
  EXPECT_NE(store_.trust(), before);
}

TEST_F(StoreSharing, WorkInHandKeepsItsSnapshot) {
  const auto in_hand = store_.trust();
  other_.remove_anchor(authority_.certificate().fingerprint());
  EXPECT_EQ(in_hand->material().anchors.size(), 1U);
}

TEST_F(StoreSharing, LockedDatabaseIsTheWorldsFault) {
  Poco::Data::Session session("SQLite", (folder_ / "db").string());
  session << "BEGIN IMMEDIATE", Poco::Data::Keywords::now;
  const auto problem = error_of([&] { store_.add_mailbox(address("neu@stadt.example"), ""); });
  session << "ROLLBACK", Poco::Data::Keywords::now;
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::world);
  EXPECT_THAT(problem->said(), HasSubstr("try again later"));
  EXPECT_TRUE(store_.add_mailbox(address("neu@stadt.example"), ""));
}

TEST_F(StoreSharing, DamagedRowIsABrokenSetUpNotAnEmptyStore) {
  database_.write([](Database::Session& session) {
    session << "UPDATE anchor SET pem = 'x'", Poco::Data::Keywords::now;
    session << "UPDATE change SET generation = generation + 1", Poco::Data::Keywords::now;
  });
  const auto problem = error_of([&] { (void)store_.trust(); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::ours);
}

TEST_F(StoreSharing, ManyThreadsLookUpAndLearnAtOnce) {
  install(issue({}));
  std::vector<Pair> peers;
  for (int i = 0; i < 4; ++i) {
    peers.push_back(issue({.address = "p" + std::to_string(i) + "@firma.example"}));
  }
  std::atomic<int> signed_ones = 0;
  std::atomic<int> added = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      threads.emplace_back([&, i] {
        const std::string from = "p" + std::to_string(i) + "@firma.example";
        for (int round = 0; round < 10; ++round) {
          signed_ones += signer() != "none" ? 1 : 0;
          added += learn(peers[i], from) == Learned::added ? 1 : 0;
          (void)usable(from);
        }
      });
    }
    threads.emplace_back([&] {
      for (std::uint64_t round = 0; round < 5; ++round) {
        other_.keep_crl(list(authority_, {}, 100 + round), "test");
      }
    });
  }
  EXPECT_EQ(signed_ones, 40);
  EXPECT_EQ(added, 4);
}

TEST_F(StoreSharing, SameKeyLearntByManyThreadsIsStoredOnce) {
  const Pair pair = issue({.address = anna});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { (void)learn(pair); });
  }
  EXPECT_EQ(store_.peer_records(address(anna)).size(), 1U);
}

}  // namespace
}  // namespace siegel::tests
