// Tables: tests/data/config/NAME.yaml and NAME.expect, which holds one line for each problem,
// `line:column: text`, in the order of the file; a file without problems has an empty one. A new
// case needs no code.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "config/load.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(fs::path(SIEGEL_TEST_DATA) / "config")) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().stem().string());
  }
  std::ranges::sort(found);
  return found;
}

class ConfigProblems : public testing::TestWithParam<std::string> {
 protected:
  static fs::path file(const std::string& extension) {
    return fs::path(SIEGEL_TEST_DATA) / "config" / (GetParam() + extension);
  }
};

TEST_P(ConfigProblems, AreAsExpected) {
  const auto loaded = config::parse(read_file(file(".yaml")), "x.yaml");
  std::string told;
  for (const auto& problem : loaded.problems)
    told += config::describe(problem, {}).substr(1) + '\n';
  EXPECT_EQ(told, read_file(file(".expect")));
  EXPECT_EQ(loaded.config == nullptr, !loaded.problems.empty());
}

INSTANTIATE_TEST_SUITE_P(Data, ConfigProblems, testing::ValuesIn(names()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace siegel::tests
