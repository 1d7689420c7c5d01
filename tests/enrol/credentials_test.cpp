#include "pki/enrol/credentials.h"

#include <sys/stat.h>

#include "tests/enrol/enrol_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using namespace pki::enrol;
using testing::HasSubstr;
using testing::Not;

class CredentialsTest : public EnrolTest {
 protected:
  std::filesystem::path secret(const std::string& text) {
    write_secret(folder_ / "secret", text);
    return folder_ / "secret";
  }
  static void open_to_all(const std::filesystem::path& file) {
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
  }
  static std::string complaint(const std::filesystem::path& file) {
    return complaint_of([&] { static_cast<void>(read_secret(file, "est.secret")); });
  }
  std::string identity_complaint() {
    return complaint_of(
        [&] { static_cast<void>(read_identity(folder_ / "own.pem", folder_ / "own.key", "cmp")); });
  }
};

TEST_F(CredentialsTest, ASecretIsTheFirstLine) {
  EXPECT_EQ(read_secret(secret("geheim\r\nmore"), "est.secret").octets(), "geheim");
  EXPECT_EQ(read_secret(secret("geheim"), "est.secret").octets(), "geheim");
}

TEST_F(CredentialsTest, BadInput_WhatOthersMayReadIsNoSecret) {
  open_to_all(secret("geheim"));
  EXPECT_THAT(complaint(folder_ / "secret"), HasSubstr("chmod 600"));
  EXPECT_THAT(complaint(folder_ / "secret"), HasSubstr("est.secret of the CA profile"));
  EXPECT_THAT(complaint(folder_ / "secret"), Not(HasSubstr("geheim")));
}

TEST_F(CredentialsTest, BadInput_LinksFifosAndFoldersHoldNoSecret) {
  std::filesystem::create_symlink(secret("geheim"), folder_ / "link");
  EXPECT_THAT(complaint(folder_ / "link"), HasSubstr("symbolic link"));
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(complaint(folder_ / "fifo"), HasSubstr("no regular file"));
  EXPECT_THAT(complaint(folder_.path()), HasSubstr("no regular file"));
  EXPECT_THAT(complaint(secret("\n")), HasSubstr("is empty"));
  EXPECT_THAT(complaint(secret(std::string(5000, 'x'))), HasSubstr("larger than 4096 octets"));
}

TEST_F(CredentialsTest, BadInput_ASharedSecretThatCanBeGuessedIsRefused) {
  EXPECT_THAT(complaint_of([&] {
                static_cast<void>(read_shared_secret(secret("fifteen letters\n"), "cmp.secret"));
              }),
              HasSubstr("openssl rand -base64 24"));
  EXPECT_EQ(read_shared_secret(secret("sixteen letters!\n"), "cmp.secret").octets(),
            "sixteen letters!");
}

TEST_F(CredentialsTest, AKeyIsItsOwnersAlone) {
  const auto certificate = issue(key());
  write_file(folder_ / "own.pem", certificate.pem());
  write_secret(folder_ / "own.key", key().pkcs8());
  EXPECT_EQ(read_identity(folder_ / "own.pem", folder_ / "own.key", "cmp").certificate.pem(),
            certificate.pem());
  open_to_all(folder_ / "own.key");
  EXPECT_THAT(identity_complaint(), HasSubstr("cmp.key of the CA profile"));
  EXPECT_THAT(identity_complaint(), HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace siegel::tests
