#include "pki/enrol/turn.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using pki::enrol::Turn;

TEST(Turns, OneHasItUntilItIsDone) {
  const TemporaryDirectory folder;
  {
    const auto mine = Turn::take(folder.path(), 0ms);
    EXPECT_TRUE(mine);
    EXPECT_FALSE(Turn::take(folder.path(), 0ms));
  }
  EXPECT_TRUE(Turn::take(folder.path(), 0ms));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "no file is left behind";
}

TEST(Turns, WhoWaitsGetsItNext) {
  const TemporaryDirectory folder;
  auto mine = Turn::take(folder.path(), 0ms);
  std::optional<Turn> theirs;
  std::jthread other([&] { theirs.emplace(Turn::take(folder.path(), 60s).value()); });
  mine.reset();
  other.join();
  EXPECT_TRUE(theirs);
  EXPECT_FALSE(Turn::take(folder.path(), 0ms));
}

TEST(Turns, AnotherInstallationIsNotInTheWay) {
  const TemporaryDirectory here, there;
  const auto mine = Turn::take(here.path(), 0ms);
  EXPECT_TRUE(Turn::take(there.path(), 0ms));
}

TEST(Turns, AFolderThatIsNotThereIsTheWorldsFault) {
  const TemporaryDirectory folder;
  try {
    static_cast<void>(Turn::take(folder / "none", 0ms));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::world);
  }
}

}  // namespace
}  // namespace siegel::tests
