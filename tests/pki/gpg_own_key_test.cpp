// Keys of ours and of others: made, taken from elsewhere, prolonged, revoked, cut down.

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/pki/gpg_citizen.h"

namespace siegel::tests {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

class GpgOwnKey : public GpgCitizen {
 protected:
  static constexpr hours year{24 * 365};

  [[nodiscard]] std::string complaint(std::string_view octets,
                                      const std::string& passphrase = {}) const {
    try {
      static_cast<void>(bench_->take(octets, pki::Secret(passphrase)));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::peer);
      return error.said();
    }
    return {};
  }
};

TEST_F(GpgOwnKey, S4_1_AKeyIsMadeForAnAddress) {
  const auto address = *Address::parse("bauamt@stadt.example");
  const auto pair = bench_->make(address, "Bauamt <Stadt>", pki::Gpg::Kind::curve25519, year);
  ASSERT_EQ(pair.key.subkeys.size(), 2U);
  EXPECT_EQ(pair.key.subkeys[0].algorithm, "ed25519");
  EXPECT_EQ(pair.key.subkeys[1].algorithm, "cv25519");
  EXPECT_EQ(pair.key.user_ids.at(0).text, "Bauamt Stadt <bauamt@stadt.example>");
  EXPECT_TRUE(pair.key.names(address, false));
  EXPECT_EQ(pair.key.fingerprint().size(), 40U);
  EXPECT_EQ(pair.key.signing(now())->fingerprint, pair.key.subkeys[0].fingerprint);
  EXPECT_EQ(pair.key.encrypting(now())->fingerprint, pair.key.subkeys[1].fingerprint);
  EXPECT_EQ(pair.key.encrypting(now() + year + hours(1)), nullptr);
  // gpg counts from the second in which it makes each of them.
  EXPECT_LT(abs(*pair.key.subkeys[1].expires - *pair.key.expires()), std::chrono::minutes(1));
}

TEST_F(GpgOwnKey, S4_1_AnRsaKeyIsMadeToo) {
  const auto key = bench_.own("rsa@stadt.example", pki::Gpg::Kind::rsa3072);
  EXPECT_EQ(key.subkeys.at(0).algorithm, "rsa3072");
  EXPECT_EQ(key.subkeys.at(1).strength, pki::Strength::ok);
  const std::string message = bench_->encrypt(Octets(Blob("geheim")), std::span(&key, 1), now());
  EXPECT_EQ(bench_->decrypt(message, {}).content, "geheim");
}

TEST_F(GpgOwnKey, AKeyIsTakenWithItsPassphrase) {
  GpgCommand elsewhere;
  elsewhere({"--passphrase", "Satz mit Ä", "--quick-gen-key", "Alt <alt@stadt.example>",
             "future-default", "default", "never"});
  const std::string secret = elsewhere(
      {"--passphrase", "Satz mit Ä", "--armor", "--export-secret-keys", "alt@stadt.example"});
  EXPECT_THAT(complaint(secret), HasSubstr("passphrase is wrong"));
  EXPECT_THAT(complaint(secret, "falsch"), HasSubstr("passphrase is wrong"));
  const auto key = bench_.keep(bench_->take(secret, pki::Secret("Satz mit Ä")));
  EXPECT_TRUE(key.names(*Address::parse("alt@stadt.example"), false));
  const auto made = bench_->sign(Octets(Blob(text)), key);
  EXPECT_EQ(bench_->verify(made.armoured, text, std::span(&key, 1)).at(0).outcome, Mark::good);
  const std::string message = bench_->encrypt(Octets(Blob("geheim")), std::span(&key, 1), now());
  EXPECT_EQ(bench_->decrypt(message, {}).content, "geheim");
}

TEST_F(GpgOwnKey, AKeyWithoutPassphraseIsTakenAsItIs) {
  const auto pair = bench_->take(anna_({"--export-secret-keys", anna_id_}), {});
  EXPECT_EQ(pair.key.fingerprint(), anna_id_);
}

TEST_F(GpgOwnKey, WhatIsNoSecretKeyIsRefusedWithAWord) {
  const std::string secret = anna_({"--export-secret-keys", anna_id_});
  EXPECT_THAT(complaint(anna_.exported(anna_id_)), HasSubstr("secret part is missing"));
  EXPECT_THAT(complaint(secret + bench_.secret_of(bauamt_)), HasSubstr("several"));
  EXPECT_THAT(complaint("Guten Tag"), HasSubstr("no key"));
  EXPECT_THAT(complaint(""), HasSubstr("no key"));
  EXPECT_THAT(complaint(secret.substr(0, secret.size() / 2)), HasSubstr("no key"));
  std::string later = secret;
  later[2] = '\6';
  EXPECT_THAT(complaint(later), HasSubstr("version 6"));
}

TEST_F(GpgOwnKey, AKeyIsProlongedWithItsSubkeys) {
  const auto pair = bench_->make(*Address::parse("kurz@stadt.example"), "", {}, hours(1));
  const auto longer = bench_->prolong(pair.secret, year);
  EXPECT_EQ(longer.key.fingerprint(), pair.key.fingerprint());
  for (const auto& each : longer.key.subkeys)
    EXPECT_GT(*each.expires, *pair.key.subkeys[0].expires + hours(24 * 300));
  EXPECT_NE(longer.key.encrypting(now() + hours(24 * 300)), nullptr);
}

TEST_F(GpgOwnKey, ARevokedKeySignsAndEncryptsNoMore) {
  const auto made = bench_->sign(Octets(Blob(text)), bauamt_);
  const auto revoked = bench_->revoke(pki::Secret(bench_.secret_of(bauamt_)), "aufgelöst\nsave\ny");
  EXPECT_EQ(revoked.fingerprint(), bauamt_.fingerprint());
  EXPECT_TRUE(revoked.subkeys.front().is_revoked);
  EXPECT_EQ(revoked.signing(now()), nullptr);
  EXPECT_EQ(revoked.encrypting(now()), nullptr);
  EXPECT_LT(*revoked.expires(), now());
  EXPECT_EQ(bench_->verify(made.armoured, text, std::span(&revoked, 1)).at(0).outcome,
            Mark::revoked_key);
}

TEST_F(GpgOwnKey, AForgottenKeyIsNotUsedFromTheBench) {
  static_cast<void>(bench_->sign(Octets(Blob(text)), bauamt_));
  bench_.lose(bauamt_);
  bench_->forget(bauamt_.fingerprint());
  EXPECT_THROW(static_cast<void>(bench_->sign(Octets(Blob(text)), bauamt_)), Error);
}

// --- keys of others

TEST_F(GpgOwnKey, S4_3_4_AKeyIsCutDownToOneAddress) {
  anna_({"--quick-add-uid", anna_id_, "Anna <anna@zweite.example>"});
  anna_({"--quick-add-uid", anna_id_, "Anna <anna@dritte.example>"});
  const pki::OpenPgpKey whole = anna();
  ASSERT_EQ(whole.user_ids.size(), 3U);
  const auto cut = bench_->minimal(whole, *Address::parse("anna@zweite.example"));
  ASSERT_TRUE(cut);
  ASSERT_EQ(cut->user_ids.size(), 1U);
  EXPECT_EQ(cut->user_ids[0].text, "Anna <anna@zweite.example>");
  EXPECT_EQ(cut->fingerprint(), anna_id_);
  EXPECT_LT(cut->octets.size(), whole.octets.size());
  EXPECT_NE(cut->encrypting(now()), nullptr);
  EXPECT_FALSE(bench_->minimal(whole, *Address::parse("chef@stadt.example")));
}

TEST_F(GpgOwnKey, ExpiredAndRevokedSubkeysAreNotChosen) {
  anna_({"--quick-add-key", anna_id_, "cv25519", "encr", "seconds=1"});
  const std::string first = anna().subkeys.at(1).fingerprint;
  const auto later = now() + std::chrono::minutes(10);
  ASSERT_EQ(anna().subkeys.size(), 3U);
  EXPECT_EQ(anna().encrypting(later)->fingerprint, first);
  anna_({"--command-fd", "0", "--no-batch", "--edit-key", anna_id_},
        "key 1\nrevkey\ny\n0\n\ny\nsave\n");
  EXPECT_TRUE(anna().subkeys.at(1).is_revoked);
  EXPECT_EQ(anna().encrypting(later), nullptr);
  const pki::OpenPgpKey key = anna();
  EXPECT_THROW(static_cast<void>(bench_->encrypt(Octets(Blob("x")), std::span(&key, 1), later)),
               Error);
}

TEST_F(GpgOwnKey, OneAddressInAUserIdAndNoOther) {
  const auto address_of = [&](const std::string& user_id) {
    const GpgCommand someone;
    const auto address = read(someone.exported(someone.make(user_id))).user_ids.at(0).address;
    return address ? address->str() : std::string("none");
  };
  EXPECT_EQ(address_of("eve@boese.example"), "eve@boese.example");
  EXPECT_EQ(address_of("chef@stadt.example <eve@boese.example>"), "none");
  EXPECT_EQ(address_of("Eve <eve@boese.example> <chef@stadt.example>"), "none");
  EXPECT_EQ(address_of("Eve <eve@boese.example> chef"), "none");
}

}  // namespace
}  // namespace siegel::tests
