#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using ::testing::HasSubstr;

const pki::Event retired{"anna", "certificate-retired", bauamt, "superseded"};

class StoreOwnKey : public StoreTest {
 protected:
  void keep(const PrivateKey& key) {
    database_.write([&](Database::Session& session) {
      store_.keep_key(session, key, {"anna", "key-stored", bauamt, key.key_id()});
    });
  }
  void destroy(const PrivateKey& key) {
    database_.write([&](Database::Session& session) {
      store_.destroy_key(session, key.key_id(), {"anna", "key-destroyed", bauamt, {}});
    });
  }
  [[nodiscard]] bool has(const PrivateKey& key) const {
    const auto found = store_.own_key(key.key_id());
    return found && found->key_id() == key.key_id();
  }
  [[nodiscard]] bool decrypts(const Certificate& certificate) const {
    const auto* id = X509_get0_subject_key_id(certificate.x509());
    const std::string octets(reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                             static_cast<std::size_t>(ASN1_STRING_length(id)));
    return store_.decryptor({{}, {}, hex(octets)}).has_value();
  }
};

TEST_F(StoreOwnKey, AKeyIsKeptSealedAndFoundAgain) {
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  EXPECT_FALSE(store_.own_key(key.key_id()));
  keep(key);
  EXPECT_TRUE(has(key));
  EXPECT_EQ(last_event(), std::string("key-stored ") + bauamt);
  EXPECT_EQ(read_file(folder_ / "db").find(key.pkcs8()), std::string::npos);
}

TEST_F(StoreOwnKey, TheSameKeyTwiceIsOne) {
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  keep(key);
  const auto entries = store_.check_audit().entries;
  keep(key);
  EXPECT_TRUE(has(key));
  EXPECT_EQ(store_.check_audit().entries, entries);
}

TEST_F(StoreOwnKey, AKeyWhoseTransactionFailsIsNotKept) {
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  EXPECT_THROW(database_.write([&](Database::Session& session) {
    store_.keep_key(session, key, {"anna", "key-stored", bauamt, {}});
    throw Error(Fault::world, "power");
  }),
               Error);
  EXPECT_FALSE(has(key));
}

TEST_F(StoreOwnKey, AnotherSealDoesNotOpenIt) {
  const auto key = PrivateKey::generate(pki::KeyType::p256);
  keep(key);
  const pki::KeyStore other(database_, seal(8), config_, clock_);
  EXPECT_THROW(static_cast<void>(other.own_key(key.key_id())), Error);
}

TEST_F(StoreOwnKey, ADestroyedKeyIsGoneForAllUses) {
  const Pair pair = issue({});
  install(pair);
  ASSERT_TRUE(decrypts(pair.certificate));
  destroy(pair.key);
  EXPECT_FALSE(has(pair.key));
  EXPECT_FALSE(decrypts(pair.certificate));
  EXPECT_EQ(signer(), "none");
  EXPECT_EQ(last_event(), std::string("key-destroyed ") + bauamt);
}

TEST_F(StoreOwnKey, DestroyingWhatIsNotThereIsNoEvent) {
  const auto entries = store_.check_audit().entries;
  destroy(PrivateKey::generate(pki::KeyType::p256));
  EXPECT_EQ(store_.check_audit().entries, entries);
}

TEST_F(StoreOwnKey, ARetiredCertificateOnlyDecrypts) {
  const Pair pair = issue({});
  install(pair);
  ASSERT_TRUE(store_.own_encryption(address(bauamt), clock_.now()));
  EXPECT_TRUE(store_.retire(pair.certificate.fingerprint(), retired));
  EXPECT_EQ(signer(), "none");
  EXPECT_FALSE(store_.own_encryption(address(bauamt), clock_.now()));
  EXPECT_TRUE(decrypts(pair.certificate));
  EXPECT_TRUE(has(pair.key));
  EXPECT_THAT(why_no_signer(), HasSubstr("was taken out of service"));
}

TEST_F(StoreOwnKey, TheOtherCertificateTakesOver) {
  const Pair old = issue({.age = one_day * 100});
  const Pair young = issue({.age = one_day});
  install(old);
  install(young);
  store_.retire(young.certificate.fingerprint(), retired);
  EXPECT_EQ(signer(), old.certificate.fingerprint());
}

TEST_F(StoreOwnKey, WhatIsRetiredOrUnknownIsNotRetiredAgain) {
  const Pair pair = issue({});
  install(pair);
  store_.retire(pair.certificate.fingerprint(), retired);
  EXPECT_FALSE(store_.retire(pair.certificate.fingerprint(), retired));
  EXPECT_FALSE(store_.retire("00", retired));
}

}  // namespace
}  // namespace siegel::tests
