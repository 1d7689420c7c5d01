// A key store whose private keys live in SoftHSM.

#include <gmock/gmock.h>

#include "pki/store_sql.h"
#include "pki/token.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/soft_token.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using Standing = pki::StoredKey::Standing;

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
  [[nodiscard]] static pki::Token& token() { return pki::Token::of(soft_hsm().settings()); }
  PrivateKey keep(const PrivateKey& key) {
    database_.write([&](Database::Session& session) {
      store_.keep_key(session, key, {"anna", "key-stored", bauamt, {}});
    });
    return key;
  }
  PrivateKey keep_new() { return keep(store_.make_key_in_token(pki::KeyType::p256, bauamt)); }
  void destroy(const PrivateKey& key) {
    store_.destroy_key(key.key_id(), {"anna", "key-destroyed", bauamt, {}});
  }
  [[nodiscard]] std::optional<Standing> in_inventory(const std::string& uri) const {
    for (const auto& key : store_.key_inventory().keys)
      if (key.uri == uri) return key.standing;
    return std::nullopt;
  }
  [[nodiscard]] static bool is_held(const std::string& uri) {
    const auto held = token().list();
    return std::ranges::find(held, uri, &pki::Token::Held::uri) != held.end();
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

TEST_F(StoreToken, DestroyedKeyIsDoomedUntilTheTokenIsCleared) {
  const PrivateKey key = keep_new();
  destroy(key);
  EXPECT_FALSE(store_.own_key(key.key_id()));
  EXPECT_EQ(in_inventory(key.uri()), Standing::doomed);
  EXPECT_TRUE(is_held(key.uri()));
  store_.clear_token();
  EXPECT_FALSE(is_held(key.uri()));
  EXPECT_FALSE(in_inventory(key.uri()));
}

TEST_F(StoreToken, ClearingThatWasInterruptedGoesOn) {
  const PrivateKey first = keep_new(), second = keep_new();
  destroy(first);
  destroy(second);
  token().destroy(first.uri());  // and then the power went
  store_.clear_token();
  EXPECT_FALSE(in_inventory(first.uri()));
  EXPECT_FALSE(is_held(second.uri()));
  store_.clear_token();
}

TEST_F(StoreToken, DestructionWhoseTransactionFailsDoomsNothing) {
  const PrivateKey key = keep_new();
  EXPECT_THROW(database_.write([&](Database::Session& session) {
    store_.destroy_key(session, key.key_id(), {"anna", "key-destroyed", bauamt, {}});
    throw Error(Fault::world, "power");
  }),
               Error);
  store_.clear_token();
  EXPECT_TRUE(is_held(key.uri()));
  EXPECT_EQ(in_inventory(key.uri()), Standing::kept);
}

TEST_F(StoreToken, TokenThatIsAwayKeepsTheKeyDoomed) {
  const PrivateKey key = keep_new();
  destroy(key);
  const auto there = config_->token;
  configure([](config::Config& config) { config.token.reset(); });
  EXPECT_THROW(store_.clear_token(), Error);
  EXPECT_THAT(store_.key_inventory().token_trouble, HasSubstr("write the section `token`"));
  EXPECT_EQ(in_inventory(key.uri()), Standing::doomed);
  configure([&](config::Config& config) { config.token = there; });
  store_.clear_token();
  EXPECT_FALSE(is_held(key.uri()));
}

TEST_F(StoreToken, KeyThatWasMadeAndNotRecordedIsAnOrphan) {
  const std::string uri = store_.make_key_in_token(pki::KeyType::p256, "verwaist").uri();
  EXPECT_EQ(in_inventory(uri), Standing::orphan);
  const auto keys = store_.key_inventory().keys;
  const auto orphan = std::ranges::find(keys, uri, &pki::StoredKey::uri);
  EXPECT_EQ(orphan->label, "verwaist");
  EXPECT_EQ(orphan->type, "p-256");
  store_.destroy_orphan(*orphan, {"anna", "key-destroyed", orphan->label, orphan->id});
  EXPECT_FALSE(is_held(uri));
  EXPECT_FALSE(in_inventory(uri));
  EXPECT_EQ(last_event(), "key-destroyed verwaist");
}

TEST_F(StoreToken, InventoryTellsWhereEachKeyIs) {
  const PrivateKey there = keep_new();
  const PrivateKey here = keep(PrivateKey::generate(pki::KeyType::p384));
  for (const auto& key : store_.key_inventory().keys) {
    if (key.id == here.key_id()) {
      EXPECT_EQ(key.place, pki::StoredKey::Place::database);
      EXPECT_EQ(key.type, "p-384");
      EXPECT_EQ(key.added, clock_.now());
    }
    if (key.id == there.key_id()) {
      EXPECT_EQ(key.place, pki::StoredKey::Place::token);
      EXPECT_EQ(key.type, "p-256");
    }
  }
  EXPECT_EQ(in_inventory(there.uri()), Standing::kept);
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
