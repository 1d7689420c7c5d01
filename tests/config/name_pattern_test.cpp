#include "config/name_pattern.h"

#include <string>

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using config::fits_pattern;

TEST(NamePattern, TheWholeNameMustFit) {
  EXPECT_TRUE(fits_pattern("GRP: Bauamt", "GRP: [A-Za-z]+"));
  EXPECT_FALSE(fits_pattern("GRP: Bauamt 2", "GRP: [A-Za-z]+"));
  EXPECT_FALSE(fits_pattern("x GRP: Bauamt", "GRP: [A-Za-z]+"));
}

TEST(NamePattern, CharactersAreCountedNotOctets) {
  EXPECT_TRUE(fits_pattern("B\u00FCro", "...."));
  EXPECT_TRUE(fits_pattern("B\u00FCro", "[A-Za-z\u00E4\u00F6\u00FC]+"));
  EXPECT_FALSE(fits_pattern("B\u00E9ro", "[A-Za-z\u00E4\u00F6\u00FC]+"));
  EXPECT_FALSE(fits_pattern("B\xFCro", "...."));
}

TEST(NamePattern, APatternThatPeopleWriteDoesNotRunForYears) {
  EXPECT_FALSE(fits_pattern("GRP: " + std::string(59, 'a'), "GRP: ([A-Za-z]+ ?)+!"));
  EXPECT_FALSE(fits_pattern(std::string(1000, 'a') + "!", "(a|a)*(a*)*"));
}

}  // namespace
}  // namespace siegel::tests
