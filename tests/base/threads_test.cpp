#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "base/current.h"
#include "base/guarded.h"
#include "base/random.h"

namespace siegel::tests {
namespace {

constexpr int crowd = 8;
constexpr int rounds = 1000;

/// Runs `act(number of the thread)` in several threads and waits for all.
void together(const std::function<void(int)>& act) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < crowd; ++i) threads.emplace_back(act, i);
}

TEST(Guarded, LosesNoChange) {
  Guarded<std::map<int, int>> counts;
  together([&](int thread) {
    for (int i = 0; i < rounds; ++i) counts.with([&](auto& map) { ++map[thread % 2]; });
  });
  const auto total = counts.with([](const auto& map) { return map.at(0) + map.at(1); });
  EXPECT_EQ(total, crowd * rounds);
}

TEST(Guarded, LetsGoWhenTheUserThrows) {
  Guarded<int> number(1);
  EXPECT_THROW(number.with([](int&) -> void { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(number.with([](int& value) { return ++value; }), 2);
}

TEST(Current, ASnapshotIsNeverAMixture) {
  using Pair = std::pair<int, int>;
  Current<Pair> current(std::make_shared<const Pair>(0, 0));
  Guarded<int> mixtures(0);
  together([&](int thread) {
    for (int i = 0; i < rounds; ++i) {
      if (thread == 0) current.store(std::make_shared<const Pair>(i, -i));
      const auto seen = current.load();
      if (seen->first != -seen->second) mixtures.with([](int& count) { ++count; });
    }
  });
  EXPECT_EQ(mixtures.with([](int& count) { return count; }), 0);
  EXPECT_EQ(*current.load(), Pair(rounds - 1, 1 - rounds));
}

TEST(Current, ASnapshotOutlivesItsReplacement) {
  Current<std::string> current(std::make_shared<const std::string>("old"));
  const auto before = current.load();
  current.store(std::make_shared<const std::string>("new"));
  EXPECT_EQ(*before, "old");
  EXPECT_EQ(*current.load(), "new");
}

TEST(Random, IsHexadecimalAndNeverTwice) {
  Guarded<std::set<std::string>> seen;
  together([&](int) {
    for (int i = 0; i < rounds; ++i) seen.with([&](auto& set) { set.insert(random_hex(16)); });
  });
  seen.with([](const auto& set) {
    EXPECT_EQ(set.size(), static_cast<std::size_t>(crowd * rounds));
    EXPECT_THAT(*set.begin(), testing::MatchesRegex("[0-9a-f]{32}"));
  });
  EXPECT_EQ(random_hex(0), "");
  EXPECT_EQ(random_hex(1000).size(), 2000U);
}

TEST(SystemClock, GoesOn) {
  const SystemClock clock;
  const Time before = clock.now();
  EXPECT_LE(before, clock.now());
}

}  // namespace
}  // namespace siegel::tests
