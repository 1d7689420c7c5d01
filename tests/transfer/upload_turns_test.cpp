#include "gateway/transfer/upload_turns.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using transfer::UploadTurns;

TEST(UploadTurnsTest, OneAtATimeAndEachUploadForItself) {
  UploadTurns turns;
  const auto first = turns.take("a", 0ms);
  ASSERT_TRUE(first);
  EXPECT_FALSE(turns.take("a", 0ms));
  EXPECT_TRUE(turns.take("b", 0ms));
}

TEST(UploadTurnsTest, WhoHasItHearsThatSomebodyWaits) {
  UploadTurns turns;
  auto first = turns.take("a", 0ms);
  EXPECT_FALSE(first->wanted().raised());
  auto second = std::async(std::launch::async, [&] { return turns.take("a", 1min).has_value(); });
  while (!first->wanted().raised()) std::this_thread::yield();
  first.reset();
  EXPECT_TRUE(second.get());
}

TEST(UploadTurnsTest, ItsPlaceIsFreeAgain) {
  UploadTurns turns;
  { const auto first = turns.take("a", 0ms); }
  const auto second = turns.take("a", 0ms);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->wanted().raised());
}

TEST(UploadTurnsTest, ManyGetTheirTurnOneAfterTheOther) {
  UploadTurns turns;
  int inside = 0, most = 0, had = 0;  // guarded by the turn itself
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 16; ++i)
      clients.emplace_back([&] {
        const auto turn = turns.take("a", 1min);
        if (!turn) return;
        most = std::max(most, ++inside);
        ++had;
        --inside;
      });
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(had, 16);
}

}  // namespace
}  // namespace siegel::tests
