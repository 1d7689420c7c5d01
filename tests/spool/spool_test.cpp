// The spool on a real file system: what goes in comes out, who may have it, what visitors see.

#include "gateway/spool/spool.h"

#include <thread>

#include <gmock/gmock.h>

#include "tests/spool/fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using spool::Role;
using spool::Spool;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class SpoolTest : public testing::Test {
 protected:
  [[nodiscard]] Time now() const { return clock_.now(); }
  void commit(const std::string& id, const std::vector<std::string>& texts) {
    tests::commit(*spool_, id, texts);
  }
  void reopen() {
    spool_.reset();
    spool_ = std::make_unique<Spool>(disk_, folder_.path());
  }
  [[nodiscard]] std::optional<std::string> claim_due_id() {
    const auto claim = spool_->claim_due(now());
    if (!claim) return std::nullopt;
    return claim->item().id;
  }
  [[nodiscard]] std::vector<std::string> files(const std::string& name) const {
    return disk_.list(folder_ / name);
  }
  void change(Spool& spool, const std::string& id, const std::function<void(spool::Item&)>& how) {
    auto claim = spool.claim(id);
    ASSERT_TRUE(claim);
    spool::Item item = claim->item();
    how(item);
    claim->update(item);
  }

  TemporaryDirectory folder_;
  PosixDisk disk_;
  ManualClock clock_;
  std::unique_ptr<Spool> spool_ = std::make_unique<Spool>(disk_, folder_.path());
};

TEST_F(SpoolTest, WhatIsCommittedIsClaimedOctetForOctet) {
  const std::string text("From: a\r\n\r\n\0\xFF body", 19);
  commit("a1", {text});
  const auto claim = spool_->claim_due(now());
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->item().id, "a1.1");
  EXPECT_EQ(claim->item().consignment.reason, "a rule");
  EXPECT_EQ(claim->message().view(), text);
}

TEST_F(SpoolTest, NothingIsThereBeforeCommit) {
  const auto to_bert = consignment("a1", {"bert@world.example"});
  auto batch = spool_->begin(to_bert.envelope);
  batch.add(to_bert, octets("x"));
  EXPECT_THAT(files("queue"), IsEmpty());
  EXPECT_THAT(files("incoming"), IsEmpty());
}

TEST_F(SpoolTest, AMessageOfSeveralRoutesIsOneFileAndSeveralItems) {
  commit("a1", {"for one", "for two", ""});
  EXPECT_THAT(files("queue"), ElementsAre("a1"));
  EXPECT_THAT(ids(spool_->list()), ElementsAre("a1.1", "a1.2", "a1.3"));
  EXPECT_EQ(message_of(*spool_, "a1.2"), "for two");
  EXPECT_EQ(message_of(*spool_, "a1.3"), "");
}

TEST_F(SpoolTest, RoutesWithTheSameOctetsShareThem) {
  const auto to_bert = consignment("a1", {"bert@world.example"});
  const Octets same = octets(std::string(100'000, 'x'));
  auto batch = spool_->begin(to_bert.envelope);
  batch.add(to_bert, same);
  batch.add(to_bert, same);
  batch.commit();
  EXPECT_LT(std::filesystem::file_size(folder_ / "queue" / "a1"), 110'000U);
  EXPECT_EQ(message_of(*spool_, "a1.1"), same.join().view());
  EXPECT_EQ(message_of(*spool_, "a1.2"), same.join().view());
}

TEST_F(SpoolTest, ALargeMessageIsMappedAndWhole) {
  const std::string large(3U << 20U, 'y');
  commit("a1", {"small", large});
  EXPECT_EQ(message_of(*spool_, "a1.2"), large);
}

TEST_F(SpoolTest, ItemsOutliveTheProcess) {
  commit("a1", {"one", "two"});
  reopen();
  EXPECT_THAT(ids(spool_->list()), ElementsAre("a1.1", "a1.2"));
  EXPECT_EQ(message_of(*spool_, "a1.2"), "two");
}

TEST_F(SpoolTest, TheNextAttemptIsRegisteredByTheCommitItself) {
  commit("a1", {"one"});
  EXPECT_EQ(spool_->list().at(0).next_attempt, now() + Spool::first_wait);
  reopen();  // as if the first attempt had killed us
  EXPECT_EQ(claim_due_id(), std::nullopt);
  clock_.advance(Spool::first_wait);
  EXPECT_EQ(claim_due_id(), "a1.1");
}

TEST_F(SpoolTest, TheLongestDueComesFirst) {
  auto late = consignment("b1", {"bert@world.example"});
  late.envelope.received = now() + 5s;
  auto batch = spool_->begin(late.envelope);
  batch.add(late, octets("late"));
  batch.commit();
  commit("c1", {"early"});
  EXPECT_EQ(spool_->next_due(), now());
  clock_.advance(5s);
  const auto first = spool_->claim_due(now());
  const auto second = spool_->claim_due(now());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->item().id, "c1.1");
  EXPECT_EQ(second->item().id, "b1.1");
  EXPECT_FALSE(spool_->claim_due(now()));
}

TEST_F(SpoolTest, AnItemIsClaimedOnce) {
  commit("a1", {"one"});
  {
    const auto claim = spool_->claim_due(now());
    EXPECT_FALSE(spool_->claim_due(now()));
    EXPECT_FALSE(spool_->claim("a1.1"));
  }
  EXPECT_TRUE(spool_->claim("a1.1"));
}

TEST_F(SpoolTest, AnItemIsClaimedOnceAmongProcesses) {
  commit("a1", {"one"});
  Spool visitor(disk_, folder_.path(), Role::visitor);
  {
    const auto claim = visitor.claim("a1.1");
    ASSERT_TRUE(claim);
    EXPECT_FALSE(spool_->claim_due(now()));
    EXPECT_FALSE(spool_->claim("a1.1"));
  }
  clock_.advance(1min);
  EXPECT_EQ(claim_due_id(), "a1.1");
}

TEST_F(SpoolTest, TwoOwnersAreRefused) {
  try {
    const Spool second(disk_, folder_.path());
    FAIL() << "a second owner was let in";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::ours);
    EXPECT_THAT(error.said(), testing::HasSubstr("running already"));
  }
}

TEST_F(SpoolTest, AVisitorPutsNothingIn) {
  Spool visitor(disk_, folder_.path(), Role::visitor);
  EXPECT_THROW(tests::commit(visitor, "a1", {"one"}), Error);
}

TEST_F(SpoolTest, AVisitorOfNoSpoolSeesNothingAndMakesNothing) {
  Spool visitor(disk_, folder_ / "nowhere", Role::visitor);
  EXPECT_THAT(visitor.list(), IsEmpty());
  EXPECT_FALSE(visitor.claim("a1.1"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nowhere"));
}

TEST_F(SpoolTest, AChangedStateIsKept) {
  commit("a1", {"one"});
  change(*spool_, "a1.1", [&](spool::Item& item) {
    item.attempts = 3;
    item.next_attempt = now() + 30min;
    item.last_answer = "450 try later";
  });
  reopen();
  const spool::Item item = spool_->list().at(0);
  EXPECT_EQ(item.attempts, 3U);
  EXPECT_EQ(item.last_answer, "450 try later");
  EXPECT_EQ(claim_due_id(), std::nullopt);
  EXPECT_EQ(spool_->next_due(), now() + 30min);
}

TEST_F(SpoolTest, TheStateOfAnotherItemIsRefused) {
  commit("a1", {"one", "two"});
  auto claim = spool_->claim("a1.1");
  spool::Item other = claim->item();
  other.id = "a1.2";
  EXPECT_THROW(claim->update(other), Error);
}

TEST_F(SpoolTest, TheOwnerNoticesWhatAVisitorHolds) {
  commit("a1", {"one"});
  Spool visitor(disk_, folder_.path(), Role::visitor);
  change(visitor, "a1.1", [](spool::Item& item) { item.held = true; });
  EXPECT_EQ(claim_due_id(), std::nullopt);
  change(visitor, "a1.1", [&](spool::Item& item) {
    item.held = false;
    item.next_attempt = now();
  });
  clock_.advance(1s);
  EXPECT_EQ(claim_due_id(), "a1.1");
  EXPECT_THAT(files("changed"), IsEmpty());
}

TEST_F(SpoolTest, TheOwnerNoticesWhatAVisitorDeletes) {
  commit("a1", {"one", "two"});
  Spool visitor(disk_, folder_.path(), Role::visitor);
  visitor.claim("a1.1")->remove();
  EXPECT_EQ(claim_due_id(), "a1.2");
  visitor.claim("a1.2")->remove();
  clock_.advance(1min);
  EXPECT_EQ(claim_due_id(), std::nullopt);
  EXPECT_EQ(spool_->next_due(), std::nullopt);
  EXPECT_THAT(files("queue"), IsEmpty());
}

TEST_F(SpoolTest, AMessageMovedBackByHandIsTakenUp) {
  commit("a1", {"one"});
  std::filesystem::rename(folder_ / "queue" / "a1", folder_ / "damaged" / "a1");
  EXPECT_EQ(claim_due_id(), std::nullopt);
  std::filesystem::rename(folder_ / "damaged" / "a1", folder_ / "queue" / "a1");
  clock_.advance(10s);
  EXPECT_EQ(claim_due_id(), "a1.1");
}

TEST_F(SpoolTest, AHeldConsignmentWaitsForAnOperator) {
  auto held = consignment("a1", {"bert@world.example"});
  held.held = true;
  auto batch = spool_->begin(held.envelope);
  batch.add(held, octets("x"));
  batch.commit();
  EXPECT_EQ(claim_due_id(), std::nullopt);
  EXPECT_EQ(spool_->next_due(), std::nullopt);
  reopen();
  EXPECT_EQ(spool_->next_due(), std::nullopt);
  EXPECT_TRUE(spool_->list().at(0).held);
}

TEST_F(SpoolTest, ThePostponedWaitsInMemoryOnly) {
  commit("a1", {"one"});
  spool_->claim_due(now())->postpone(now() + 1h);
  EXPECT_EQ(spool_->next_due(), now() + 1h);
  clock_.advance(10s);
  EXPECT_EQ(claim_due_id(), std::nullopt);
  reopen();
  EXPECT_EQ(claim_due_id(), "a1.1");
}

TEST_F(SpoolTest, TheMessageGoesWithItsLastItem) {
  commit("a1", {"one", "two"});
  change(*spool_, "a1.2", [](spool::Item& item) { item.attempts = 1; });
  spool_->claim("a1.1")->remove();
  EXPECT_THAT(ids(spool_->list()), ElementsAre("a1.2"));
  EXPECT_FALSE(spool_->claim("a1.1"));
  reopen();
  EXPECT_THAT(ids(spool_->list()), ElementsAre("a1.2"));
  spool_->claim("a1.2")->remove();
  EXPECT_THAT(files("queue"), IsEmpty());
}

TEST_F(SpoolTest, AnIdThatIsUsedTwiceCostsNoMail) {
  commit("a1", {"the first"});
  EXPECT_THROW(commit("a1", {"the second"}), Error);
  EXPECT_EQ(message_of(*spool_, "a1.1"), "the first");
  EXPECT_THAT(files("incoming"), IsEmpty());
}

TEST_F(SpoolTest, BadIdsNeverBecomePaths) {
  EXPECT_THROW(commit("../evil", {"x"}), Error);
  EXPECT_THROW(commit("", {"x"}), Error);
  commit("a1", {"x"});
  for (const char* const id : {"", ".", "a1", "a1.", "a1.0", "a1.01", "a1.1 ", "../queue/a1.1",
                               "a1.1.state", "A1.1", "a1.-1", "a1.2", "a1.99999999999999999999"})
    EXPECT_FALSE(spool_->claim(id)) << id;
}

TEST_F(SpoolTest, WhatCouldNotBeReadBackIsNotPromised) {
  auto to_many = consignment("a1", {"bert@world.example"});
  to_many.envelope.recipients.resize(spool::most_recipients + 1, recipient("bert@world.example"));
  auto batch = spool_->begin(to_many.envelope);
  EXPECT_THROW(batch.add(to_many, octets("x")), Error);
  EXPECT_THROW(batch.add(consignment("a1", {}), octets("x")), Error);
  EXPECT_THROW(batch.commit(), Error);  // nothing was added
}

TEST_F(SpoolTest, R07_NothingIsReadableForOthersAndIncomingIsSwept) {
  write_file(folder_ / "incoming" / "leftover", "clear text of a crash");
  reopen();
  commit("a1", {"one"});
  EXPECT_THAT(files("incoming"), IsEmpty());
  using std::filesystem::perms;
  const auto open_to_others = perms::group_all | perms::others_all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
    EXPECT_EQ(entry.status().permissions() & open_to_others, perms::none) << entry.path();
}

TEST_F(SpoolTest, ACommitIsAnnounced) {
  int calls = 0;
  spool_->on_commit([&] { ++calls; });
  commit("a1", {"one", "two"});
  EXPECT_EQ(calls, 1);
}

TEST_F(SpoolTest, ManyThreadsNeitherLoseNorDouble) {
  constexpr int writers = 4, each = 25;
  Guarded<std::vector<std::string>> seen;
  std::atomic<int> left = writers * each * 2;
  std::vector<std::jthread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      for (int i = 0; i < each; ++i)
        commit("w" + std::to_string(w) + "i" + std::to_string(i), {"one", "two"});
    });
    threads.emplace_back([&] {
      while (left > 0) {
        auto claim = spool_->claim_due(now());
        if (!claim) continue;
        seen.with([&](auto& all) { all.push_back(claim->item().id); });
        claim->remove();
        --left;
      }
    });
  }
  threads.clear();
  auto all = seen.with([](auto& ids) { return ids; });
  std::ranges::sort(all);
  EXPECT_EQ(all.size(), static_cast<std::size_t>(writers * each * 2));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
  EXPECT_THAT(files("queue"), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
