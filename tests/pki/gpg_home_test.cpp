// How the folder that gpg works in is kept (STANDARDS §4.2).

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/pki/gpg_citizen.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class GpgHomeTest : public GpgCitizen {
 protected:
  void SetUp() override {
    GpgCitizen::SetUp();
    ASSERT_EQ(bench_->decrypt(encrypted("geheim"), {}).content, "geheim");
    for (const auto& entry : fs::directory_iterator(bench_.directory())) {
      if (entry.is_directory()) homes_.push_back(entry.path());
    }
    ASSERT_THAT(homes_, SizeIs(testing::Ge(1U)));
  }
  [[nodiscard]] std::string said_in(const std::string& file) const {
    return read_file(homes_.front() / file);
  }
  std::vector<fs::path> homes_;
};

TEST_F(GpgHomeTest, S4_2_NobodyElseMayEnter) {
  for (const fs::path& home : homes_) {
    struct stat seen {};
    ASSERT_EQ(::stat(home.c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 07777U, 0700U);
  }
}

TEST_F(GpgHomeTest, S4_2_NothingIsFetchedAndNothingWeakIsUsed) {
  const std::string options = said_in("gpg.conf");
  for (const std::string option :
       {"no-tty", "no-auto-key-locate", "no-auto-key-retrieve", "no-auto-key-import",
        "disable-dirmngr", "weak-digest SHA1", "disable-cipher-algo 3DES",
        "personal-digest-preferences SHA512 SHA256"})
    EXPECT_THAT(options, HasSubstr(option + "\n"));
  EXPECT_THAT(options, Not(HasSubstr("ignore-mdc-error")));
}

TEST_F(GpgHomeTest, S4_2_TheAgentAsksNoCardAndNoDesktop) {
  const std::string options = said_in("gpg-agent.conf");
  for (const std::string option : {"disable-scdaemon", "no-allow-external-cache"})
    EXPECT_THAT(options, HasSubstr(option + "\n"));
}

TEST_F(GpgHomeTest, S4_2_OneAgentServesAHomeAndNothingElseRuns) {
  for (const fs::path& home : homes_) {
    std::vector<std::string> sockets;
    for (const auto& entry : fs::directory_iterator(home)) {
      if (entry.is_socket()) sockets.push_back(entry.path().filename());
    }
    EXPECT_GT(agent_of(home), 0);
    EXPECT_THAT(sockets, testing::AllOf(Not(IsEmpty()), Each(HasSubstr("gpg-agent"))));
  }
}

}  // namespace
}  // namespace siegel::tests
