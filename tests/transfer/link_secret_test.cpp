#include "gateway/transfer/link_secret.h"

#include <set>

#include <gmock/gmock.h>

#include "base/hex.h"
#include "gateway/transfer/password.h"

namespace siegel::tests {
namespace {

using transfer::LinkSecret;

TEST(LinkSecretTest, TextIsReadAgain) {
  const LinkSecret secret = LinkSecret::make();
  EXPECT_THAT(secret.text(), testing::MatchesRegex("[A-Za-z0-9_-]+"));
  EXPECT_EQ(secret.text().size(), 43U);
  const auto again = LinkSecret::parse(secret.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->lookup("link"), secret.lookup("link"));
}

TEST(LinkSecretTest, EveryOneIsNew) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(LinkSecret::make().text());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(LinkSecretTest, AnythingElseIsNone) {
  const std::string good = LinkSecret::make().text();
  EXPECT_FALSE(LinkSecret::parse(""));
  EXPECT_FALSE(LinkSecret::parse(good.substr(1)));
  EXPECT_FALSE(LinkSecret::parse(good + "A"));
  EXPECT_FALSE(LinkSecret::parse(good.substr(1) + "/"));
  EXPECT_FALSE(LinkSecret::parse(good.substr(1) + "="));
  EXPECT_FALSE(LinkSecret::parse(good.substr(1) + " "));
  EXPECT_FALSE(LinkSecret::parse(std::string(43, '\0')));
}

TEST(LinkSecretTest, SpareBitsAreNoSecondForm) {
  // 43 characters hold 258 bits; the last two are nought in the one form that counts.
  EXPECT_TRUE(LinkSecret::parse(std::string(42, 'A') + "A"));
  EXPECT_FALSE(LinkSecret::parse(std::string(42, 'A') + "B"));
}

TEST(LinkSecretTest, KindsDoNotMix) {
  const LinkSecret secret = LinkSecret::make();
  EXPECT_NE(secret.lookup("link"), secret.lookup("upload"));
  const std::string sealed = secret.seal("link").seal("key", "row");
  EXPECT_EQ(secret.seal("link").try_open(sealed, "row"), "key");
  EXPECT_FALSE(secret.seal("upload").try_open(sealed, "row"));
  EXPECT_FALSE(LinkSecret::make().seal("link").try_open(sealed, "row"));
}

TEST(LinkSecretTest, PasswordIsNeededBesideTheLink) {
  const LinkSecret secret = LinkSecret::make();
  const transfer::PasswordCosts cheap{1, 64};
  const std::string salt = transfer::new_password_salt();
  const auto key = [&](const std::string& password) {
    return transfer::stretch(pki::Secret(password), salt, cheap);
  };
  const std::string sealed = secret.seal("link", key("Rathaus 7").octets()).seal("key", "row");
  EXPECT_EQ(secret.seal("link", key("Rathaus 7").octets()).try_open(sealed, "row"), "key");
  EXPECT_FALSE(secret.seal("link", key("Rathaus 8").octets()).try_open(sealed, "row"));
  EXPECT_FALSE(secret.seal("link").try_open(sealed, "row"));
}

// From the reference implementation's own tests (phc-winner-argon2, src/test.c).
TEST(PasswordTest, IsArgon2id) {
  const auto made = transfer::stretch(pki::Secret("password"), "somesalt", {2, 1U << 16U});
  EXPECT_EQ(hex(made.octets()), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
}

}  // namespace
}  // namespace siegel::tests
