#include "base/rounds.h"

#include <future>

#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;

TEST(RoundsTest, TheFirstRunsAtOnceAndTheNextAfterItsPause) {
  std::promise<void> third;
  int count = 0;
  Rounds rounds([&] {
    if (++count == 3) third.set_value();
    return count < 3 ? 1ms : std::chrono::milliseconds(1h);
  });
  rounds.start();
  EXPECT_EQ(third.get_future().wait_for(60s), std::future_status::ready);
  EXPECT_TRUE(rounds.stop(60s));
  EXPECT_EQ(count, 3);
}

TEST(RoundsTest, WhoWakesItInTheMiddleOfARoundGetsAnotherOne) {
  std::promise<void> second;
  int count = 0;
  Rounds* woken = nullptr;
  Rounds rounds([&] {
    if (++count == 1) woken->wake();
    if (count == 2) second.set_value();
    return std::chrono::milliseconds(1h);
  });
  woken = &rounds;
  rounds.start();
  EXPECT_EQ(second.get_future().wait_for(60s), std::future_status::ready);
  EXPECT_TRUE(rounds.stop(60s));
}

TEST(RoundsTest, ARoundThatHangsDoesNotKeepWhoStopsIt) {
  std::promise<void> begun, over;
  Rounds rounds([&] {
    begun.set_value();
    over.get_future().wait();
    return std::chrono::milliseconds(1h);
  });
  rounds.start();
  begun.get_future().wait();
  EXPECT_FALSE(rounds.stop(1ms));
  over.set_value();
  EXPECT_TRUE(rounds.stop(60s));
}

}  // namespace
}  // namespace siegel::tests
