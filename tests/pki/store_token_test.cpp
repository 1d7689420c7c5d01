// A key store whose private keys live in SoftHSM.

#include <gmock/gmock.h>

#include "pki/store_sql.h"
#include "pki/token.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/soft_token.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;

class StoreToken : public StoreTest {
 protected:
  StoreToken() {
    configure([](config::Config& config) { config.token = soft_hsm().settings(); });
  }

  /// A certificate for a new key in the token.
  [[nodiscard]] Pair issue_in_token(const std::string& mailbox = bauamt) const {
    auto key = pki::Token::of(soft_hsm().settings()).generate(pki::KeyType::p256, mailbox);
    const Time from = clock_.now() - one_day;
    return {authority_.issue(
                {"GRP: " + mailbox, {mailbox}, Usage::both, from, from + 300 * one_day}, key),
            key};
  }
  /// What a relay that starts anew makes of the database: the text of its refusal, or nothing.
  [[nodiscard]] std::string refusal_after_restart() {
    const pki::KeyStore restarted(database_, seal(), config_, clock_);
    try {
      (void)restarted.signer(address(bauamt), clock_.now());
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::ours);
      return error.what();
    }
    return {};
  }
};

TEST_F(StoreToken, KeyInATokenSignsAndDecrypts) {
  const Pair pair = issue_in_token();
  EXPECT_EQ(install(pair).installed.size(), 1U);
  const pki::KeyStore restarted(database_, seal(), config_, clock_);
  const auto signer = restarted.signer(address(bauamt), clock_.now());
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->key.uri(), pair.key.uri());
  const auto opener = restarted.decryptor(pki::issuer_and_serial(pair.certificate));
  ASSERT_TRUE(opener);
  EXPECT_EQ(opener->key.uri(), pair.key.uri());
}

TEST_F(StoreToken, UriIsSealedAsOctetsAre) {
  install(issue_in_token());
  database_.read([&](Database::Session& session) {
    const auto rows = pki::sql::select(session, "SELECT sealed FROM private_key");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_TRUE(rows.text("sealed").starts_with("v1."));
  });
}

TEST_F(StoreToken, UriOfAnotherKeyUnderTheSameSealIsRefused) {
  const Pair pair = issue_in_token();
  const Pair other = issue_in_token("standesamt@stadt.example");
  install(pair);
  database_.write([&](Database::Session& session) {
    pki::sql::run(session, "UPDATE private_key SET sealed = ?",
                  seal().seal(other.key.uri(), "private_key/default/" + pair.key.key_id()));
  });
  EXPECT_THAT(refusal_after_restart(), HasSubstr("does not fit its certificate"));
}

TEST_F(StoreToken, WithoutASectionItIsSaidWhatToConfigure) {
  install(issue_in_token());
  configure([](config::Config& config) { config.token.reset(); });
  EXPECT_THAT(refusal_after_restart(), HasSubstr("write the section `token`"));
}

TEST_F(StoreToken, KeyThatIsNoLongerThereIsTold) {
  const Pair pair = issue_in_token();
  install(pair);
  pki::Token::of(soft_hsm().settings()).destroy(pair.key.uri());
  EXPECT_THAT(refusal_after_restart(), HasSubstr("the token has no such private key"));
}

TEST_F(StoreToken, KeysInMemoryAndInATokenStandSideBySide) {
  store_.add_mailbox(address("standesamt@stadt.example"), "");
  install(issue_in_token());
  install(issue({.address = "standesamt@stadt.example"}), "standesamt@stadt.example");
  const auto here = store_.signer(address("standesamt@stadt.example"), clock_.now());
  const auto there = store_.signer(address(bauamt), clock_.now());
  ASSERT_TRUE(here && there);
  EXPECT_TRUE(here->key.is_exportable());
  EXPECT_FALSE(there->key.is_exportable());
}

}  // namespace
}  // namespace siegel::tests
