// A spool file that was cut, a full disk, a file that cannot be read: nothing is lost, the rest
// goes on.

#include <gmock/gmock.h>

#include "tests/spool/fixture.h"
#include "tests/support/forgetful_disk.h"

namespace siegel::tests {
namespace {

using spool::Spool;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using namespace std::chrono_literals;

class DamagedSpool : public testing::Test {
 protected:
  [[nodiscard]] Time now() const { return clock_.now(); }
  void commit(const std::string& id, const std::vector<std::string>& texts) {
    tests::commit(*spool_, id, texts);
  }
  void reopen() {
    spool_.reset();
    spool_ = std::make_unique<Spool>(disk_, folder_.path());
  }
  [[nodiscard]] std::vector<std::string> files(const std::string& name) const {
    return disk_.list(folder_ / name);
  }
  [[nodiscard]] Disk::Path queued(const std::string& name) const {
    return folder_ / "queue" / name;
  }
  /// Makes the item have a state file of its own.
  void update(const std::string& id) {
    auto claim = spool_->claim(id);
    spool::Item item = claim->item();
    item.attempts = 1;
    claim->update(item);
  }

  TemporaryDirectory folder_;
  ForgetfulDisk disk_{folder_.path()};
  ManualClock clock_;
  std::unique_ptr<Spool> spool_ = std::make_unique<Spool>(disk_, folder_.path());
};

TEST_F(DamagedSpool, AMessageCutAnywhereIsSetAsideAndTheRestGoesOn) {
  commit("a1", {"one", "two"});
  const std::size_t whole = disk_.read(queued("a1")).size();
  for (std::size_t octets = 0; octets < whole; octets += 7) {
    const std::string id = "c" + std::to_string(octets);
    commit(id, {"one", "two"});
    disk_.cut_file(queued(id), octets);
    reopen();
    EXPECT_THAT(spool_->take_damaged(), ElementsAre(id)) << octets;
    EXPECT_THAT(files("damaged"), Contains(id));
  }
  EXPECT_THAT(ids(spool_->list()), ElementsAre("a1.1", "a1.2"));
}

TEST_F(DamagedSpool, AnOctetThatFlippedInTheHeadIsNoticed) {
  const std::size_t head_and_states = [&] {
    commit("a1", {""});
    return disk_.read(queued("a1")).size();
  }();
  for (std::size_t at = 0; at < head_and_states; ++at) {
    const std::string id = "f" + std::to_string(at);
    commit(id, {"x"});
    disk_.flip_octet(queued(id), at);
  }
  reopen();
  EXPECT_EQ(spool_->take_damaged().size(), head_and_states);
  EXPECT_THAT(ids(spool_->list()), ElementsAre("a1.1"));
}

TEST_F(DamagedSpool, DamageIsNoticedAtTheClaimToo) {
  commit("a1", {"one"});
  commit("b1", {"two"});
  disk_.cut_file(queued("a1"), 20);
  const auto claim = spool_->claim_due(now());
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->item().id, "b1.1");
  EXPECT_THAT(spool_->take_damaged(), ElementsAre("a1"));
  EXPECT_THAT(spool_->take_damaged(), IsEmpty());
}

TEST_F(DamagedSpool, SettingAsideTwiceReplacesNothing) {
  for (int i = 0; i < 2; ++i) {
    commit("a1", {"one"});
    disk_.cut_file(queued("a1"), 30);
    EXPECT_FALSE(spool_->claim_due(now()));
  }
  EXPECT_THAT(files("damaged"), ElementsAre("a1", StartsWith("a1.")));
}

TEST_F(DamagedSpool, ADamagedStateHoldsTheItemWithItsFirstEnvelope) {
  commit("a1", {"one", "two"});
  update("a1.1");
  disk_.cut_file(queued("a1.1.state"), 40);
  reopen();
  clock_.advance(1min);
  const auto other = spool_->claim_due(now());
  ASSERT_TRUE(other);
  EXPECT_EQ(other->item().id, "a1.2");
  EXPECT_THAT(spool_->take_damaged(), ElementsAre("a1.1"));
  EXPECT_THAT(files("damaged"), ElementsAre(StartsWith("a1.1.state.")));

  const spool::Item held = spool_->list().at(0);
  EXPECT_TRUE(held.held);
  EXPECT_EQ(held.consignment.envelope.recipients.size(), 1U);
  EXPECT_EQ(message_of(*spool_, "a1.1"), "one");
}

TEST_F(DamagedSpool, AStateOfAnotherItemCountsAsDamaged) {
  commit("a1", {"one", "two"});
  update("a1.1");
  disk_.rename(queued("a1.1.state"), queued("a1.2.state"));
  EXPECT_TRUE(spool_->claim("a1.2")->item().held);
  EXPECT_THAT(spool_->take_damaged(), ElementsAre("a1.2"));
}

TEST_F(DamagedSpool, AVisitorOnlyLooks) {
  commit("a1", {"one"});
  disk_.cut_file(queued("a1"), 30);
  Spool visitor(disk_, folder_.path(), spool::Role::visitor);
  EXPECT_THAT(visitor.list(), IsEmpty());
  EXPECT_THAT(files("queue"), ElementsAre("a1"));
}

TEST_F(DamagedSpool, AFullDiskIsTheWorldsFaultAndLeavesNothingBehind) {
  commit("a1", {"one"});
  disk_.fill_up();
  try {
    commit("b1", {"two"});
    FAIL() << "committed to a full disk";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::world);
  }
  EXPECT_THAT(files("incoming"), IsEmpty());
  EXPECT_THAT(files("queue"), ElementsAre("a1"));
  disk_.make_room();
  commit("b1", {"two"});
  EXPECT_EQ(message_of(*spool_, "b1.1"), "two");
}

TEST_F(DamagedSpool, AStateThatDoesNotFitLeavesTheOldOne) {
  commit("a1", {"one"});
  disk_.fill_up();
  EXPECT_THROW(update("a1.1"), Error);
  EXPECT_THAT(files("incoming"), IsEmpty());
  EXPECT_EQ(spool_->list().at(0).attempts, 0U);
  spool_->claim("a1.1")->remove();  // needs no room
  EXPECT_THAT(files("queue"), IsEmpty());
}

TEST_F(DamagedSpool, ACommitThatFailsAtAnyStepLeavesNothingBehind) {
  for (std::size_t step = 0; step < 3; ++step) {
    disk_.fail_change(step);
    EXPECT_THROW(commit("a1", {"one", "two"}), Error) << step;
    EXPECT_THAT(files("queue"), IsEmpty()) << step;
    EXPECT_THAT(files("incoming"), IsEmpty()) << step;
    EXPECT_FALSE(spool_->claim_due(now())) << step;
  }
  disk_.fail_change(3);
  commit("a1", {"one", "two"});  // it takes three: write, rename, sync
  EXPECT_EQ(spool_->list().size(), 2U);
}

TEST_F(DamagedSpool, FilesThatAreNotOursStay) {
  for (const char* const name : {"lost+found", "Notes.txt", "a1.1.backup"})
    disk_.write(queued(name), octets("x"));
  reopen();
  EXPECT_EQ(files("queue").size(), 3U);
  EXPECT_THAT(spool_->list(), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
