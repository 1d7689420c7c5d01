#include "tools/siegel/user.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

class UserTest : public testing::Test {
 protected:
  std::string name_if(const std::string& login) {
    std::ofstream(folder_ / "loginuid") << login;
    return tools::user_name(folder_ / "loginuid");
  }

  TemporaryDirectory folder_;
};

TEST_F(UserTest, WhoHasLoggedInIsWhoActs) {
  EXPECT_EQ(name_if("0"), "root");
  EXPECT_EQ(name_if("54321"), "uid 54321");
}

TEST_F(UserTest, WithoutALoginItIsTheOwnerOfTheProcess) {
  const std::string own = name_if(std::to_string(::getuid()));
  EXPECT_EQ(name_if("4294967295"), own);
  EXPECT_EQ(name_if("x"), own);
  EXPECT_EQ(tools::user_name(folder_ / "none"), own);
}

TEST_F(UserTest, Evil_TheEnvironmentIsNotBelieved) {
  const std::string own = name_if("4294967295");
  ::setenv("SUDO_USER", "somebody-else", 1);
  EXPECT_EQ(name_if("4294967295"), own);
  EXPECT_EQ(tools::sudo_note(), " (by sudo of somebody-else)");
  ::unsetenv("SUDO_USER");
  EXPECT_EQ(tools::sudo_note(), "");
}

}  // namespace
}  // namespace siegel::tests
