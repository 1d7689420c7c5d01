// Every attack requirement (R-xx) and every requirement of OpenPGP (S-4.x) has a test that names
// it; docs/THREATS.md lists it.

#include <algorithm>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/house/sources.h"

namespace siegel::tests {
namespace {

std::set<int> requirements() {
  std::set<int> all{1,  2,  3,  4,  5,  6,  7,  41, 42, 43, 45, 46, 47,
                    48, 49, 50, 51, 52, 54, 60, 61, 62, 63, 64, 65, 66};
  for (int number = 10; number <= 40; ++number) all.insert(number);
  return all;
}

std::set<int> named_by_tests() {
  const std::regex form(R"(TEST(?:_F|_P)?\(\s*\w+,\s*\w*?R-?(\d\d)(?:_|\b))");
  std::set<int> named;
  for (const Source& source : sources({"tests"})) {
    for (auto it = std::sregex_iterator(source.text.begin(), source.text.end(), form);
         it != std::sregex_iterator(); ++it) {
      named.insert(std::stoi((*it)[1]));
    }
  }
  const std::regex dialogue(R"(R-?(\d\d)[-_])");
  const std::filesystem::path folder =
      std::filesystem::path(SIEGEL_SOURCE) / "tests" / "data" / "smtp";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::smatch match;
    const std::string name = entry.path().filename().string();
    if (std::regex_search(name, match, dialogue)) named.insert(std::stoi(match[1]));
  }
  return named;
}

/// S-4.3.5 for `S4_3_5_`.
std::string section_of(std::string name) {
  std::ranges::replace(name, '_', '.');
  return "S-" + name.substr(1, name.size() - 2);
}

std::set<std::string> sections_named_by_tests() {
  const std::regex form(R"(TEST(?:_F|_P)?\(\s*\w+,\s*(?:R\d\d_)*(S4_(?:3_)?\d_))");
  std::set<std::string> named;
  for (const Source& source : sources({"tests"})) {
    for (auto it = std::sregex_iterator(source.text.begin(), source.text.end(), form);
         it != std::sregex_iterator(); ++it) {
      named.insert(section_of((*it)[1]));
    }
  }
  return named;
}

std::string threats() {
  return read_file(std::filesystem::path(SIEGEL_SOURCE) / "docs" / "THREATS.md");
}

const std::set<std::string> openpgp_sections{"S-4.1",   "S-4.2",   "S-4.3.1", "S-4.3.2", "S-4.3.3",
                                             "S-4.3.4", "S-4.3.5", "S-4.3.6", "S-4.3.7"};

TEST(Requirements, EachHasATestThatNamesIt) {
  const std::set<int> named = named_by_tests();
  for (const int number : requirements()) {
    EXPECT_TRUE(named.contains(number)) << fmt::format("no test is named after R-{:02}", number);
  }
}

TEST(Requirements, EachStandsInTheThreatsDocument) {
  const std::string text = threats();
  for (const int number : requirements()) {
    EXPECT_NE(text.find(fmt::format("R-{:02}", number)), std::string::npos) << "R-" << number;
  }
}

TEST(Requirements, EachOfOpenPgpHasATestAndStandsInTheThreatsDocument) {
  EXPECT_EQ(sections_named_by_tests(), openpgp_sections);
  const std::string text = threats();
  for (const std::string& section : openpgp_sections)
    EXPECT_NE(text.find("| " + section + " |"), std::string::npos) << section;
}

}  // namespace
}  // namespace siegel::tests
