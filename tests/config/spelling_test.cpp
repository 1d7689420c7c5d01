#include "config/spelling.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using config::did_you_mean;
using config::edit_distance;

TEST(Spelling, DistanceCountsInsertDropChangeAndSwap) {
  EXPECT_EQ(edit_distance("listen", "listen"), 0U);
  EXPECT_EQ(edit_distance("lisen", "listen"), 1U);
  EXPECT_EQ(edit_distance("listenn", "listen"), 1U);
  EXPECT_EQ(edit_distance("lister", "listen"), 1U);
  EXPECT_EQ(edit_distance("litsen", "listen"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

TEST(Spelling, NearestWordIsMeant) {
  EXPECT_EQ(did_you_mean("delivr", {"listen", "deliver", "domains"}),
            "; did you mean \"deliver\"?");
  EXPECT_EQ(did_you_mean("without-key", {"to", "without_key"}), "; did you mean \"without_key\"?");
}

TEST(Spelling, AWordThatIsFarFromAllIsNotGuessed) {
  EXPECT_EQ(did_you_mean("colour", {"at", "to", "side"}), "");
  EXPECT_EQ(did_you_mean("foo", {"to"}), "");
  EXPECT_EQ(did_you_mean("", {"at"}), "");
  EXPECT_EQ(did_you_mean(std::string(100000, 'x'), {"at"}), "");
}

TEST(Spelling, R46_WhatIsQuotedIsFitForATerminal) {
  EXPECT_EQ(config::in_quotes("\x1B[2J\n"), R"("\x1b[2J\x0a")");
  EXPECT_LT(config::in_quotes(std::string(100000, 'x')).size(), 100U);
}

TEST(Spelling, Lists) {
  EXPECT_EQ(config::one_of({"a", "b", "c"}), "a, b or c");
  EXPECT_EQ(config::one_of({"a"}), "a");
}

}  // namespace
}  // namespace siegel::tests
