#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crypt/post.h"
#include "tests/support/files.h"
#include "tests/support/test_name.h"

namespace siegel::tests {
namespace {

const std::filesystem::path folder = std::filesystem::path(SIEGEL_TEST_DATA) / "inspect";

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".eml") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

pki::Trust::Material table_trust() {
  pki::Trust::Material material;
  for (const auto& root : pki::certificates_from_pem(read_file(folder / "anchor.pem"))) {
    material.anchors.push_back({root, config::RevocationMode::hard_fail, "table"});
  }
  material.crls.push_back(*pki::Crl::parse(read_file(folder / "crl.pem")));
  return material;
}

class InspectTable : public testing::TestWithParam<std::string> {};

TEST_P(InspectTable, SaysWhatIsExpected) {
  Desk desk(table_trust());
  desk.at = *parse_rfc3339("2027-01-01T12:00:00Z");
  const auto verdict = desk.sees(read_file(folder / (GetParam() + ".eml"))).verdict;
  std::istringstream expected(read_file(folder / (GetParam() + ".expect")));
  std::string line;
  ASSERT_TRUE(std::getline(expected, line));
  EXPECT_EQ(name(verdict.summary()), line) << remarks(verdict);
  while (std::getline(expected, line)) EXPECT_THAT(remarks(verdict), testing::HasSubstr(line));
}

INSTANTIATE_TEST_SUITE_P(Folder, InspectTable, testing::ValuesIn(cases()), test_name<std::string>);

}  // namespace
}  // namespace siegel::tests
