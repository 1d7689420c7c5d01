// The power goes, or the process dies, between any two steps. Afterwards each message is there
// completely, or there was no commit; and what was finished does not come back once that was said.

#include <functional>

#include <gmock/gmock.h>

#include "tests/spool/fixture.h"
#include "tests/support/forgetful_disk.h"

namespace siegel::tests {
namespace {

using spool::Spool;
using namespace std::chrono_literals;

/// What remains of that which was not synced.
enum class After { nothing, everything, some };

/// One spool on one disk whose power goes after so many changes.
class Crash {
 public:
  explicit Crash(const std::function<void(Spool&)>& before) { before(*spool_); }

  /// True if `story` came to its end before the power went.
  bool tell(const std::function<void(Spool&)>& story, std::size_t changes) {
    disk_.cut_power_after(changes);
    try {
      story(*spool_);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  Spool& restart(After after, std::uint32_t seed) {
    spool_.reset();
    if (after == After::nothing) disk_.forget();
    if (after == After::everything) disk_.survive();
    if (after == After::some) disk_.forget_some(seed);
    spool_ = std::make_unique<Spool>(disk_, folder_.path());
    EXPECT_TRUE(disk_.list(folder_ / "incoming").empty());
    return *spool_;
  }

  [[nodiscard]] std::vector<std::string> queue() const { return disk_.list(folder_ / "queue"); }

 private:
  TemporaryDirectory folder_;
  ForgetfulDisk disk_{folder_.path()};
  std::unique_ptr<Spool> spool_ = std::make_unique<Spool>(disk_, folder_.path());
};

using Story = std::function<void(Spool&)>;
using Check = std::function<void(Crash&, Spool&, bool told)>;

/// Tells `story` again and again, the power going one change later each time, until it comes to its
/// end untouched.
void tell_with_every_crash(const Story& before, const Story& story, const Check& check) {
  for (const After after : {After::nothing, After::everything, After::some}) {
    const std::uint32_t rounds = after == After::some ? 20 : 1;
    for (std::uint32_t seed = 0; seed < rounds; ++seed) {
      bool told = false;
      for (std::size_t changes = 0; !told; ++changes) {
        ASSERT_LT(changes, 100U) << "the story never ends";
        SCOPED_TRACE(testing::Message() << "power cut after " << changes << " changes, keeps "
                                        << static_cast<int>(after) << ", seed " << seed);
        Crash crash(before);
        told = crash.tell(story, changes);
        Spool& spool = crash.restart(after, seed);
        check(crash, spool, told);
        EXPECT_TRUE(spool.take_damaged().empty());
      }
    }
  }
}

const Story nothing = [](Spool&) {};

TEST(SpoolCrash, ACommitIsWholeOrWasNotPromised) {
  tell_with_every_crash(
      nothing,
      [](Spool& spool) {
        commit(spool, "a1", {"one", "two", "three"});
      },
      [](Crash& crash, Spool& spool, bool told) {
        const auto items = spool.list();
        if (told) {
          EXPECT_EQ(items.size(), 3U);
        }
        if (items.empty()) {
          EXPECT_TRUE(crash.queue().empty());
          return;
        }
        EXPECT_EQ(message_of(spool, "a1.1"), "one");
        EXPECT_EQ(message_of(spool, "a1.2"), "two");
        EXPECT_EQ(message_of(spool, "a1.3"), "three");
      });
}

TEST(SpoolCrash, TheSecondCommitCostsTheFirstNothing) {
  tell_with_every_crash([](Spool& spool) { commit(spool, "a1", {"one"}); },
                        [](Spool& spool) { commit(spool, "b1", {"two"}); },
                        [](Crash&, Spool& spool, bool told) {
                          EXPECT_EQ(message_of(spool, "a1.1"), "one");
                          if (told) {
                            EXPECT_EQ(message_of(spool, "b1.1"), "two");
                          }
                        });
}

TEST(SpoolCrash, AnUpdateIsTheOldStateOrTheNew) {
  tell_with_every_crash([](Spool& spool) { commit(spool, "a1", {"one"}); },
                        [](Spool& spool) {
                          auto claim = spool.claim("a1.1");
                          spool::Item item = claim->item();
                          for (item.attempts = 1; item.attempts <= 2; ++item.attempts)
                            claim->update(item);
                        },
                        [](Crash&, Spool& spool, bool told) {
                          const auto items = spool.list();
                          ASSERT_EQ(items.size(), 1U);
                          if (told) {
                            EXPECT_EQ(items[0].attempts, 2U);
                          }
                          EXPECT_EQ(message_of(spool, "a1.1"), "one");
                        });
}

TEST(SpoolCrash, OnlyWhatIsFinishedGoes) {
  tell_with_every_crash(
      [](Spool& spool) {
        commit(spool, "a1", {"one", "two"});
        commit(spool, "b1", {"three"});
      },
      [](Spool& spool) {
        auto claim = spool.claim("a1.1");
        claim->update(claim->item());
        claim->remove();
      },
      [](Crash&, Spool& spool, bool told) {
        const auto left = message_of(spool, "a1.1");
        EXPECT_TRUE(left == std::nullopt || (!told && left == "one"));
        EXPECT_EQ(message_of(spool, "a1.2"), "two");
        EXPECT_EQ(message_of(spool, "b1.1"), "three");
      });
}

TEST(SpoolCrash, TheLastItemTakesEverythingWithIt) {
  tell_with_every_crash(
      [](Spool& spool) {
        commit(spool, "a1", {"one", "two"});
        auto claim = spool.claim("a1.2");
        claim->update(claim->item());
        claim->remove();
      },
      [](Spool& spool) { spool.claim("a1.1")->remove(); },
      [](Crash& crash, Spool& spool, bool told) {
        EXPECT_FALSE(spool.claim("a1.2")) << "a finished item came back";
        if (const auto left = message_of(spool, "a1.1")) {
          EXPECT_EQ(left, "one");
        } else {
          EXPECT_TRUE(crash.queue().empty());
        }
        if (told) {
          EXPECT_TRUE(crash.queue().empty());
        }
      });
}

}  // namespace
}  // namespace siegel::tests
