// The house rule on sizes: no function above 60 lines, a file seldom above 400 (none above 500).

#include <gtest/gtest.h>

#include "tests/house/sources.h"

namespace siegel::tests {
namespace {

constexpr std::size_t function_limit = 60;
constexpr std::size_t file_limit = 500;

struct Function {
  std::string first_line;
  std::size_t lines = 0;
};

bool starts_block(const std::string& line) {
  return !line.empty() && line.front() != ' ' && line.front() != '}' && line.front() != '#' &&
         line.front() != '/' && !line.starts_with("namespace");
}

/// Our format puts namespace members in column 0, so that a function is what lies between a line
/// that starts there and the next line that is just "}".
std::vector<Function> functions_of(const std::string& text) {
  std::vector<Function> found;
  std::string first;
  std::size_t start = 0;
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (first.empty() && starts_block(lines[i])) {
      first = lines[i];
      start = i;
    }
    if (lines[i] == "}" && !first.empty()) found.push_back({first, i - start + 1});
    if (lines[i].starts_with("}") || lines[i].ends_with(";") || lines[i].empty()) {
      if (lines[i].starts_with("}") || !lines[i].starts_with(" ")) first.clear();
    }
  }
  return found;
}

TEST(Sizes, FunctionsAreFound) {
  const auto found =
      functions_of("int a() {\n  return 1;\n}\n\nvoid b(int x,\n       int y) {\n}\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].lines, 3U);
  EXPECT_EQ(found[1].lines, 3U);
}

TEST(Sizes, NoFunctionAboveSixtyLines) {
  std::size_t seen = 0;
  for (const Source& source : sources({"base", "config", "pki", "gateway", "tools", "tests"})) {
    for (const Function& function : functions_of(source.text)) {
      ++seen;
      EXPECT_LE(function.lines, function_limit) << source.path << ": " << function.first_line;
    }
  }
  EXPECT_GT(seen, 100U) << "the check has found no functions: has the format changed?";
}

TEST(Sizes, NoFileAboveItsLimit) {
  for (const Source& source : sources({"base", "config", "pki", "gateway", "tools"})) {
    EXPECT_LE(lines_of(source.text).size(), file_limit) << source.path << " is probably two rooms";
  }
}

}  // namespace
}  // namespace siegel::tests
