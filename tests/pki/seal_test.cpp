#include "pki/seal.h"

#include <cctype>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using pki::Seal;
using testing::HasSubstr;
using testing::Not;

Seal seal_of(unsigned char octet) {
  std::array<unsigned char, 32> key{};
  key.fill(octet);
  return Seal(key);
}

void expect_refused(const Seal& seal, const std::string& sealed, const std::string& identity) {
  try {
    static_cast<void>(seal.open(sealed, identity));
    FAIL() << "opened: " << sealed;
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::ours);
    EXPECT_THAT(error.said(), HasSubstr("key-encryption key"));
  }
}

/// A file that holds `text`, readable by its owner only unless a test says otherwise.
class KeyFile : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) {
    write_file(folder_ / "kek", text);
    permit(std::filesystem::perms::owner_read);
    return folder_ / "kek";
  }
  void permit(std::filesystem::perms rights) {
    std::filesystem::permissions(folder_ / "kek", rights);
  }
  std::string refusal(const std::filesystem::path& path) {
    try {
      static_cast<void>(Seal::from_file(path));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::ours);
      return error.said();
    }
    return "";
  }

  TemporaryDirectory folder_;
};

// --- sealing

TEST(SealTest, OpensWhatItSealed) {
  const Seal seal = seal_of(1);
  const std::string secret("key\0material", 12);
  EXPECT_EQ(seal.open(seal.seal(secret, "row 1"), "row 1"), secret);
  EXPECT_EQ(seal.open(seal.seal("", "row 1"), "row 1"), "");
  EXPECT_EQ(seal.open(seal.seal("x", ""), ""), "x");
}

TEST(SealTest, SaysItsVersionAndHidesTheSecret) {
  const std::string sealed = seal_of(1).seal("secret", "row 1");
  EXPECT_THAT(sealed, testing::StartsWith("v1."));
  EXPECT_THAT(sealed, Not(HasSubstr("secret")));
  EXPECT_EQ(sealed.size(), 3 + (12 + 6 + 16 + 2U) / 3 * 4);
}

TEST(SealTest, NeverSealsTheSameWayTwice) {
  EXPECT_NE(seal_of(1).seal("secret", "row 1"), seal_of(1).seal("secret", "row 1"));
}

TEST(SealTest, AnotherKeyOpensNothing) {
  expect_refused(seal_of(2), seal_of(1).seal("secret", "row 1"), "row 1");
}

TEST(SealTest, SealedKeysCannotBeSwappedBetweenRows) {
  expect_refused(seal_of(1), seal_of(1).seal("secret", "row 1"), "row 2");
}

TEST(SealTest, EveryAlteredCharacterIsNoticed) {
  const Seal seal = seal_of(1);
  const std::string sealed = seal.seal("secret", "row 1");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string altered = sealed;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    expect_refused(seal, altered, "row 1");
  }
}

TEST(SealTest, EveryCutIsNoticed) {
  const Seal seal = seal_of(1);
  const std::string sealed = seal.seal("secret", "row 1");
  for (std::size_t size = 0; size < sealed.size(); ++size)
    expect_refused(seal, sealed.substr(0, size), "row 1");
}

// --- authentication

/// What the openssl command line makes of it: HKDF, then HMAC.
std::string authenticated_by_openssl(const std::string& label, const std::filesystem::path& text) {
  const auto key = openssl({"kdf", "-keylen", "32", "-kdfopt", "digest:SHA256", "-kdfopt",
                            "hexkey:" + std::string(64, '1'), "-kdfopt", "info:" + label, "HKDF"});
  std::string digits;
  for (const char c : key.output)
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  const auto code = openssl(
      {"dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + digits, "-r", text.string()});
  return code.output.substr(0, 64);
}

TEST_F(KeyFile, AuthenticatesAsOpensslDoes) {
  write_file(folder_ / "text", "5,17,abc");
  EXPECT_EQ(seal_of(0x11).authenticate("5,17,abc", "a label"),
            authenticated_by_openssl("a label", folder_ / "text"));
}

TEST(SealTest, AuthenticatesEachKeyLabelAndTextInItsOwnWay) {
  const std::set<std::string> codes{
      seal_of(1).authenticate("text", "label"), seal_of(2).authenticate("text", "label"),
      seal_of(1).authenticate("text2", "label"), seal_of(1).authenticate("text", "label2"),
      seal_of(1).authenticate("", "label")};
  EXPECT_EQ(codes.size(), 5U);
}

// --- the key's file

TEST_F(KeyFile, ThatIsAFifoIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(refusal(folder_ / "fifo"), HasSubstr("no regular file"));
}

TEST_F(KeyFile, ThatIsTooLargeIsRefused) {
  EXPECT_THAT(refusal(file(std::string(257, 'a'))), HasSubstr("larger than 256 octets"));
}

TEST_F(KeyFile, IsMadeAndReadAgain) {
  Seal::make_file(folder_ / "kek");
  EXPECT_EQ(std::filesystem::status(folder_ / "kek").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string sealed = Seal::from_file(folder_ / "kek").seal("secret", "row 1");
  EXPECT_EQ(Seal::from_file(folder_ / "kek").open(sealed, "row 1"), "secret");
}

TEST_F(KeyFile, IsNeverOverwritten) {
  Seal::make_file(folder_ / "kek");
  const std::string before = read_file(folder_ / "kek");
  EXPECT_THROW(Seal::make_file(folder_ / "kek"), Error);
  EXPECT_EQ(read_file(folder_ / "kek"), before);
}

TEST_F(KeyFile, HoldsHexadecimalDigitsInAnyCase) {
  const auto seal = Seal::from_file(file(std::string(32, 'a') + std::string(32, 'A') + "\n"));
  EXPECT_EQ(seal.open(seal_of(0xAA).seal("secret", ""), ""), "secret");
}

TEST_F(KeyFile, OfTheDaemonsUserIsReadByRootToo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto path = file(std::string(64, 'a'));
  ASSERT_EQ(::chown(path.c_str(), 4711, 4711), 0);
  EXPECT_EQ(refusal(path), "");
}

TEST_F(KeyFile, MayBeACredentialOfSystemdThatAnAclOpensToUs) {
  const auto path = file(std::string(64, '0'));
  permit(std::filesystem::perms::owner_read | std::filesystem::perms::group_read);
  ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  EXPECT_EQ(refusal(path), "");
  permit(std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  EXPECT_THAT(refusal(path), HasSubstr("chmod 600"));
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(refusal(path), HasSubstr("chmod 600"));
}

TEST_F(KeyFile, MustNotBeReadableByOthers) {
  const auto path = file(std::string(64, '0'));
  permit(std::filesystem::perms::owner_read | std::filesystem::perms::group_read);
  EXPECT_THAT(refusal(path), HasSubstr("chmod 600"));
}

TEST_F(KeyFile, MustBeThere) {
  EXPECT_THAT(refusal(folder_ / "missing"), HasSubstr("cannot be read"));
}

TEST_F(KeyFile, MustBeAFile) {
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("no regular file"));
}

TEST_F(KeyFile, MustHold64DigitsAndNothingElse) {
  EXPECT_THAT(refusal(file(std::string(63, '0'))), HasSubstr("64 hexadecimal digits"));
  permit(std::filesystem::perms::owner_all);
  EXPECT_THAT(refusal(file(std::string(63, '0') + "g")), HasSubstr("64 hexadecimal digits"));
  permit(std::filesystem::perms::owner_all);
  EXPECT_THAT(refusal(file("")), HasSubstr("64 hexadecimal digits"));
}

}  // namespace
}  // namespace siegel::tests
