#include "pki/algorithms.h"

#include <ostream>

#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

/// The table of STANDARDS §2.1.
namespace siegel::tests {
namespace {

using pki::Judged;
using pki::KeyType;
using pki::Strength;

struct Row {
  int nid;
  std::string name;
  Strength strength;

  friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }
};

class DigestTableTest : public testing::TestWithParam<Row> {};

TEST_P(DigestTableTest, R20_JudgesAsTheTableSays) {
  const Judged judged = pki::judge_digest(GetParam().nid);
  EXPECT_EQ(judged.name, GetParam().name);
  EXPECT_EQ(judged.strength, GetParam().strength);
}

INSTANTIATE_TEST_SUITE_P(
    All, DigestTableTest,
    testing::Values(
        Row{NID_sha256, "SHA-256", Strength::ok}, Row{NID_sha384, "SHA-384", Strength::ok},
        Row{NID_sha512, "SHA-512", Strength::ok}, Row{NID_sha224, "SHA-224", Strength::weak},
        Row{NID_sha1, "SHA-1", Strength::refused}, Row{NID_md5, "MD5", Strength::refused},
        Row{NID_ripemd160, "RIPEMD-160", Strength::refused}, Row{NID_sm3, "sm3", Strength::refused},
        Row{NID_undef, "an unknown algorithm", Strength::refused}));

void expect(const Judged& judged, const std::string& name, Strength strength) {
  EXPECT_EQ(judged.name, name);
  EXPECT_EQ(judged.strength, strength) << name;
}

TEST(KeyTableTest, RsaIsJudgedByItsBits) {
  expect(pki::judge_key(rsa_key(3072).get()), "RSA-3072", Strength::ok);
  expect(pki::judge_key(rsa_key(2048).get()), "RSA-2048", Strength::weak);
  expect(pki::judge_key(rsa_key(1024).get()), "RSA-1024", Strength::refused);
}

TEST(KeyTableTest, R21_SmallExponentsAreRefused) {
  expect(pki::judge_key(rsa_key(2048, 3).get()), "RSA-2048 with an unsafe exponent",
         Strength::refused);
  expect(pki::judge_key(rsa_key(2048, 65539).get()), "RSA-2048", Strength::weak);
}

TEST(KeyTableTest, CurvesAreJudgedByName) {
  expect(pki::judge_key(odd_key("P-256").get()), "P-256", Strength::ok);
  expect(pki::judge_key(odd_key("P-384").get()), "P-384", Strength::ok);
  expect(pki::judge_key(odd_key("P-521").get()), "P-521", Strength::ok);
  expect(pki::judge_key(odd_key("brainpoolP256r1").get()), "brainpoolP256r1", Strength::ok);
  expect(pki::judge_key(odd_key("brainpoolP512r1").get()), "brainpoolP512r1", Strength::ok);
}

TEST(KeyTableTest, OtherCurvesAreRefused) {
  EXPECT_EQ(pki::judge_key(odd_key("secp256k1").get()).strength, Strength::refused);
  EXPECT_EQ(pki::judge_key(odd_key("P-224").get()).strength, Strength::refused);
  EXPECT_EQ(pki::judge_key(odd_key("brainpoolP256t1").get()).strength, Strength::refused);
}

TEST(KeyTableTest, EdwardsCurvesAreUnsupportedForNow) {
  expect(pki::judge_key(odd_key("ED25519").get()), "Ed25519", Strength::unsupported);
  expect(pki::judge_key(odd_key("X25519").get()), "X25519", Strength::unsupported);
}

TEST(KeyTableTest, AKeyThatCannotBeReadIsRefused) {
  EXPECT_EQ(pki::judge_key(nullptr).strength, Strength::refused);
}

Judged judge_signed(Digest digest, Padding padding, const pki::PrivateKey& issuer) {
  Forgery forgery = false_bauamt();
  forgery.digest = digest;
  forgery.padding = padding;
  const auto certificate =
      forge(forgery, mailbox_key(), pki::LocalCa(root().certificate(), issuer));
  return pki::judge_signature(certificate.x509());
}

TEST(SignatureTableTest, NamesPaddingAndDigest) {
  expect(judge_signed(Digest::sha256, Padding::pkcs1, rsa_key(2048)), "RSA with SHA-256",
         Strength::ok);
  expect(judge_signed(Digest::sha256, Padding::pkcs1, mailbox_key()), "ECDSA with SHA-256",
         Strength::ok);
  expect(judge_signed(Digest::sha256, Padding::pss, rsa_key(2048)), "RSASSA-PSS with SHA-256",
         Strength::ok);
  expect(judge_signed(Digest::sha256, Padding::pkcs1, odd_key("ED25519")), "Ed25519",
         Strength::unsupported);
}

TEST(SignatureTableTest, R21_OldDigestsAreRefusedWithAnyPadding) {
  expect(judge_signed(Digest::md5, Padding::pkcs1, rsa_key(2048)), "RSA with MD5",
         Strength::refused);
  expect(judge_signed(Digest::sha1, Padding::pkcs1, mailbox_key()), "ECDSA with SHA-1",
         Strength::refused);
  EXPECT_EQ(judge_signed(Digest::sha1, Padding::pss, rsa_key(2048)).strength, Strength::refused);
}

/// rsassaPss whose parameters are these octets.
Judged judge_pss(const std::string& parameters) {
  const Handle<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  ASN1_STRING* const sequence = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
  ASN1_STRING_set(sequence, parameters.data(), static_cast<int>(parameters.size()));
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, sequence);
  return pki::judge_signature(algorithm.get());
}

TEST(SignatureTableTest, R20_PssWithoutParametersMeansSha1) {
  EXPECT_EQ(judge_pss(std::string("\x30\x00", 2)).strength, Strength::refused);
  EXPECT_EQ(judge_pss("garbage").strength, Strength::refused);
}

TEST(SignatureTableTest, R20_PssMaskMustUseTheSameDigest) {
  // hashAlgorithm SHA-256, mask generation absent: MGF1 with SHA-1 (RFC 4055 §3.1)
  const std::string only_hash =
      "\x30\x0F\xA0\x0D\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
  const Judged judged = judge_pss(only_hash);
  EXPECT_EQ(judged.name, "RSASSA-PSS with SHA-256 and unsafe parameters");
  EXPECT_EQ(judged.strength, Strength::refused);
}

TEST(StrengthTest, TheWorseWins) {
  EXPECT_EQ(pki::worse(Strength::ok, Strength::weak), Strength::weak);
  EXPECT_EQ(pki::worse(Strength::unsupported, Strength::weak), Strength::unsupported);
  EXPECT_EQ(pki::worse(Strength::unsupported, Strength::refused), Strength::refused);
  EXPECT_EQ(pki::worse(Strength::ok, Strength::ok), Strength::ok);
}

}  // namespace
}  // namespace siegel::tests
