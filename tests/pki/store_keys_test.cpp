#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "pki/ring.h"
#include "pki/store_sql.h"
#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StoreKeys : public StoreTest {
 protected:
  [[nodiscard]] static pki::RecipientId by_serial(const Certificate& certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_NAME(X509_get_issuer_name(certificate.x509()), &der);
    std::string issuer(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return {issuer, certificate.serial(), {}};
  }
  [[nodiscard]] static pki::RecipientId by_key_id(const Certificate& certificate) {
    const auto* id = X509_get0_subject_key_id(certificate.x509());
    return {{},
            {},
            hex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                 static_cast<std::size_t>(ASN1_STRING_length(id))})};
  }
  [[nodiscard]] bool decrypts(const pki::RecipientId& id, const Pair& pair) const {
    const auto key = store_.decryptor(id);
    return key && key->certificate == pair.certificate && key->key.fits(pair.certificate);
  }
};

TEST_F(StoreKeys, NewestCertificateSigns) {
  const Pair old = issue({.age = one_day * 100});
  const Pair young = issue({.age = one_day});
  install(young);
  install(old);
  EXPECT_EQ(signer(), young.certificate.fingerprint());
  EXPECT_TRUE(store_.signer(address(bauamt), clock_.now())->key.fits(young.certificate));
}

TEST_F(StoreKeys, ExpiredCertificateNoLongerSignsAndTheNextOneDoes) {
  const Pair lasting = issue({.age = one_day * 100});
  const Pair brief = issue({.age = one_day, .life = one_day * 2});
  install(lasting);
  install(brief);
  EXPECT_EQ(signer(), brief.certificate.fingerprint());
  clock_.advance(one_day * 2);
  EXPECT_EQ(signer(), lasting.certificate.fingerprint());
}

TEST_F(StoreKeys, FutureCertificateWaitsForItsDay) {
  const Pair future = issue({.age = -one_day});
  install(future);
  EXPECT_EQ(signer(), "none");
  EXPECT_THAT(why_no_signer(), HasSubstr("not valid before 2026-06-02"));
  clock_.advance(one_day * 2);
  EXPECT_EQ(signer(), future.certificate.fingerprint());
}

TEST_F(StoreKeys, RevokedCertificateStopsSigning) {
  const Pair pair = issue({});
  install(pair);
  EXPECT_EQ(signer(), pair.certificate.fingerprint());
  publish(authority_, {pair.certificate});
  EXPECT_EQ(signer(), "none");
  EXPECT_THAT(why_no_signer(), HasSubstr("revoked"));
  EXPECT_FALSE(store_.own_encryption(address(bauamt), clock_.now()));
}

TEST_F(StoreKeys, UnknownRevocationOrIssuerOfAnOwnCertificateDoesNotStopIt) {
  const LocalCa without_list = new_authority("CA ohne Sperrliste");
  store_.add_anchor({without_list.certificate(), config::RevocationMode::hard_fail, "test"});
  const Pair pair = issue_by(without_list, {});
  install(pair);
  EXPECT_EQ(signer(), pair.certificate.fingerprint());
  store_.remove_anchor(without_list.certificate().fingerprint());
  EXPECT_EQ(signer(), pair.certificate.fingerprint());
}

TEST_F(StoreKeys, WhyNoSignerNamesEachReason) {
  EXPECT_THAT(why_no_signer(), HasSubstr("no certificate is installed for bauamt@stadt.example"));
  install(issue({.usage = Usage::encrypt}));
  EXPECT_THAT(why_no_signer(), HasSubstr("for encryption only"));
  install(issue({.usage = Usage::sign, .life = one_day * 12}));
  EXPECT_EQ(why_no_signer(), "");
  clock_.advance(one_day * 3);
  EXPECT_THAT(why_no_signer(), HasSubstr("expired on 2026-06-03"));
}

TEST_F(StoreKeys, SeparateEncryptionCertificateGoesWithTheSigningOne) {
  const Pair sign = issue({.usage = Usage::sign});
  const Pair encrypt = issue({.usage = Usage::encrypt});
  store_.import(address(bauamt),
                {{sign.certificate, encrypt.certificate}, {sign.key, encrypt.key}});
  const auto key = store_.signer(address(bauamt), clock_.now());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->certificate, sign.certificate);
  EXPECT_EQ(key->encryption, encrypt.certificate);
  EXPECT_EQ(store_.own_encryption(address(bauamt), clock_.now()), encrypt.certificate);
}

TEST_F(StoreKeys, ChainHoldsTheIntermediateAndNoRoot) {
  const LocalCa below =
      authority_.subordinate("Stadt-CA", pki::KeyType::p256, *parse_rfc3339("2025-02-01"));
  store_.add_intermediate(below.certificate());
  publish(below, {});
  install(issue_by(below, {}));
  const auto key = store_.signer(address(bauamt), clock_.now());
  ASSERT_TRUE(key);
  EXPECT_THAT(key->chain, ElementsAre(below.certificate()));
}

TEST_F(StoreKeys, MailboxIsFoundInAnotherCaseOnlyIfSettingsFold) {
  const Pair pair = issue({});
  install(pair);
  EXPECT_EQ(signer("BauAmt@stadt.example"), pair.certificate.fingerprint());
  configure([](auto& config) { config.smime.fold_local_part = false; });
  EXPECT_EQ(signer("BauAmt@stadt.example"), "none");
}

TEST_F(StoreKeys, DecryptorIsFoundByIssuerAndSerialAndByKeyId) {
  const Pair pair = issue({});
  install(pair);
  EXPECT_TRUE(decrypts(by_serial(pair.certificate), pair));
  EXPECT_TRUE(decrypts(by_key_id(pair.certificate), pair));
  EXPECT_FALSE(store_.decryptor({"x", "01", {}}));
  EXPECT_FALSE(store_.decryptor({{}, {}, "00"}));
}

TEST_F(StoreKeys, ExpiredKeyStillDecrypts) {
  const Pair pair = issue({.life = one_day * 11});
  install(pair);
  clock_.advance(one_day * 500);
  EXPECT_EQ(signer(), "none");
  EXPECT_TRUE(decrypts(by_serial(pair.certificate), pair));
}

TEST_F(StoreKeys, OwnCertificatesSayWhichOneSigns) {
  const Pair old = issue({.age = one_day * 100});
  const Pair young = issue({});
  install(old);
  install(young);
  for (const auto& own : store_.own_certificates()) {
    EXPECT_TRUE(own.has_key);
    EXPECT_EQ(own.signs_now, own.certificate == young.certificate);
  }
}

TEST_F(StoreKeys, MailboxIsAddedOnce) {
  EXPECT_TRUE(store_.add_mailbox(address("standesamt@stadt.example"), "Standesamt"));
  EXPECT_FALSE(store_.add_mailbox(address("standesamt@stadt.example"), "noch einmal"));
  ASSERT_EQ(store_.mailboxes().size(), 2U);
  EXPECT_EQ(store_.mailboxes()[1].display_name, "Standesamt");
}

TEST_F(StoreKeys, PrivateKeyIsNowhereInTheDatabaseInClear) {
  const Pair pair = issue({});
  install(pair);
  database_.read([&](Database::Session& session) {
    const auto rows = pki::sql::select(session, "SELECT sealed FROM private_key");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_TRUE(rows.text("sealed").starts_with("v1."));
  });
}

TEST_F(StoreKeys, WrongKeyEncryptionKeyIsABrokenSetUp) {
  install(issue({}));
  const pki::KeyStore other(database_, seal(8), config_, clock_);
  const auto problem = error_of([&] { (void)other.signer(address(bauamt), clock_.now()); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::ours);
  EXPECT_FALSE(problem->detail().empty());
}

TEST_F(StoreKeys, SealedKeysCannotBeSwappedBetweenRows) {
  const Pair mine = issue({});
  const Pair theirs = issue({.address = "standesamt@stadt.example"});
  store_.add_mailbox(address("standesamt@stadt.example"), "");
  install(mine);
  install(theirs, "standesamt@stadt.example");
  database_.write([&](Database::Session& session) {
    pki::sql::run(session,
                  "UPDATE private_key SET sealed = (SELECT other.sealed FROM private_key other "
                  "WHERE other.key_id = ?) WHERE key_id = ?",
                  theirs.certificate.key_id(), mine.certificate.key_id());
  });
  const pki::KeyStore fresh(database_, seal(), config_, clock_);
  const auto problem = error_of([&] { (void)fresh.signer(address(bauamt), clock_.now()); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::ours);
}

TEST_F(StoreKeys, GatherLooksUpWhatOneMessageNeeds) {
  const Pair own = issue({});
  const Pair peer = issue({.address = anna});
  install(own);
  learn(peer);
  const pki::Ring ring = pki::gather(store_, address(bauamt),
                                     {address(anna), address("ben@firma.example")}, clock_.now());
  ASSERT_TRUE(ring.signer);
  EXPECT_EQ(ring.own_encryption, own.certificate);
  ASSERT_EQ(ring.peers.size(), 1U);
  EXPECT_EQ(ring.peers.at(address(anna)).certificate, peer.certificate);
}

TEST_F(StoreKeys, GatherSaysWhyThereIsNoSigner) {
  EXPECT_THAT(pki::gather(store_, address(bauamt), {}, clock_.now()).why_no_signer,
              HasSubstr("no certificate"));
  EXPECT_THAT(pki::gather(store_, std::nullopt, {}, clock_.now()).why_no_signer,
              HasSubstr("author"));
}

}  // namespace
}  // namespace siegel::tests
