#include "pki/private_key.h"

#include <gtest/gtest.h>

#include "pki/algorithms.h"
#include "pki/asn1.h"
#include "tests/pki/authorities.h"

namespace siegel::tests {
namespace {

using pki::KeyType;
using pki::PrivateKey;

class KeyTypeTest : public testing::TestWithParam<KeyType> {};

TEST_P(KeyTypeTest, NameIsReadBack) {
  EXPECT_EQ(pki::parse_key_type(pki::name(GetParam())), GetParam());
}

TEST_P(KeyTypeTest, IsStrongAndSurvivesPkcs8) {
  const auto key = PrivateKey::generate(GetParam());
  EXPECT_EQ(pki::judge_key(key.get()).strength, pki::Strength::ok);
  const auto again = PrivateKey::from_der(key.pkcs8());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key_id(), key.key_id());
}

// RSA-4096 costs seconds to make and differs from RSA-3072 by one number.
INSTANTIATE_TEST_SUITE_P(All, KeyTypeTest,
                         testing::Values(KeyType::rsa_3072, KeyType::p256, KeyType::p384,
                                         KeyType::brainpool_p256r1));

TEST(PrivateKeyTest, TypesAreSpeltAsInTheManifest) {
  EXPECT_EQ(pki::parse_key_type("RSA-4096"), KeyType::rsa_4096);
  EXPECT_EQ(pki::parse_key_type("brainpoolp256r1"), KeyType::brainpool_p256r1);
  EXPECT_FALSE(pki::parse_key_type("rsa-2048"));
  EXPECT_FALSE(pki::parse_key_type(""));
}

TEST(PrivateKeyTest, FitsItsOwnCertificateOnly) {
  const auto certificate = authority().issue(bauamt(), mailbox_key());
  EXPECT_TRUE(mailbox_key().fits(certificate));
  EXPECT_FALSE(PrivateKey::generate(KeyType::p256).fits(certificate));
  EXPECT_FALSE(rsa_key(2048).fits(certificate));
}

TEST(PrivateKeyTest, TraditionalDerIsRead) {
  const auto again = PrivateKey::from_der(pki::to_der(rsa_key(2048).get(), i2d_PrivateKey));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key_id(), rsa_key(2048).key_id());
}

TEST(PrivateKeyTest, TakesNothingButExactlyOneKey) {
  const std::string der = mailbox_key().pkcs8();
  EXPECT_FALSE(PrivateKey::from_der(der + "x"));
  EXPECT_FALSE(PrivateKey::from_der(der.substr(0, der.size() / 2)));
  EXPECT_FALSE(PrivateKey::from_der(""));
  EXPECT_FALSE(PrivateKey::from_der(root().certificate().der()));
}

}  // namespace
}  // namespace siegel::tests
