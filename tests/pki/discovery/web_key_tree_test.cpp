#include "pki/discovery/web_key_tree.h"

#include <gmock/gmock.h>

#include "pki/discovery/wkd_location.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using pki::discovery::hashed_local_part;
using pki::discovery::write_web_key_tree;

class WebKeyTree : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file_of(const std::string& of) const {
    return root_ / "stadt.example" / "hu" / hashed_local_part(address(of));
  }

  TemporaryDirectory folder_;
  std::filesystem::path root_ = folder_ / "openpgpkey";
};

TEST_F(WebKeyTree, HoldsThePolicyAndAFileForEachAddress) {
  write_web_key_tree(root_, {"stadt.example"},
                     {{address(bauamt), "one"}, {address("post@stadt.example"), "two"}});
  EXPECT_EQ(read_file(file_of(bauamt)), "one");
  EXPECT_EQ(read_file(file_of("post@stadt.example")), "two");
  EXPECT_EQ(std::filesystem::file_size(root_ / "stadt.example" / "policy"), 0U);
}

TEST_F(WebKeyTree, WhatIsWithdrawnIsGoneAndNothingIsLeftBeside) {
  write_web_key_tree(root_, {"stadt.example"}, {{address("alt@stadt.example"), "old"}});
  write_web_key_tree(root_, {"stadt.example"}, {{address(bauamt), "new"}});
  EXPECT_FALSE(std::filesystem::exists(file_of("alt@stadt.example")));
  EXPECT_TRUE(std::filesystem::exists(file_of(bauamt)));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_), {}), 1);
}

TEST_F(WebKeyTree, AWebSiteIsNotReplacedByATypingError) {
  std::filesystem::create_directories(root_ / "stadt.example");
  write_file(root_ / "stadt.example" / "index.html", "Stadt Beispiel");
  EXPECT_THROW(write_web_key_tree(root_, {"stadt.example"}, {{address(bauamt), "one"}}), Error);
  EXPECT_EQ(read_file(root_ / "stadt.example" / "index.html"), "Stadt Beispiel");
}

TEST_F(WebKeyTree, AFileHoldsTheNewestKeyAlone) {
  const Time now = *parse_rfc3339("2026-06-01T12:00:00Z");
  write_web_key_tree(root_, {"stadt.example"},
                     {{address(bauamt), "old", now - 1h},
                      {address(bauamt), "young", now},
                      {address("Bauamt@stadt.example"), "older", now - 2h}});
  EXPECT_EQ(read_file(file_of(bauamt)), "young");
}

TEST_F(WebKeyTree, NothingIsReplacedIfOneDomainCannotBe) {
  const std::vector<std::string> domains{"stadt.example", "kreis.example"};
  write_web_key_tree(root_, domains, {{address(bauamt), "old"}});
  write_file(root_ / "kreis.example" / "index.html", "Kreis Beispiel");
  EXPECT_THROW(write_web_key_tree(root_, domains, {{address(bauamt), "new"}}), Error);
  EXPECT_EQ(read_file(file_of(bauamt)), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_), {}), 2);
}

TEST_F(WebKeyTree, AKeyOfAnotherDomainIsRefusedAndNothingIsWritten) {
  const auto problem = error_of([&] {
    write_web_key_tree(root_, {"stadt.example"},
                       {{address(bauamt), "one"}, {address("post@kreis.example"), "two"}});
  });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::peer);
  EXPECT_FALSE(std::filesystem::exists(root_));
}

TEST_F(WebKeyTree, EverybodyMayRead) {
  write_web_key_tree(root_, {"stadt.example"}, {{address(bauamt), "one"}});
  const auto rights = std::filesystem::status(file_of(bauamt)).permissions();
  EXPECT_NE(rights & std::filesystem::perms::others_read, std::filesystem::perms::none);
}

}  // namespace
}  // namespace siegel::tests
