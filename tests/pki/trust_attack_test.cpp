#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/path_issuers.h"
#include "tests/pki/authorities.h"

/// Paths that somebody built to deceive (STANDARDS §3.6) and algorithms that no longer hold.
namespace siegel::tests {
namespace {

using config::RevocationMode;
using pki::Certificate;
using pki::KeyType;
using pki::LocalCa;
using pki::PathResult;
using pki::PathStatus;
using pki::PrivateKey;
using pki::Purpose;
using pki::Strength;
using pki::Trust;
using testing::HasSubstr;

/// A path whose second certificate is `issuer`, directly below root().
PathResult judge_below(const LocalCa& issuer, const Certificate& leaf) {
  auto material = belief();
  material.intermediates = {issuer.certificate()};
  material.crls.push_back(fresh_list(issuer));
  return judge(material, leaf);
}

LocalCa below_root(const Forgery& forgery) {
  const auto key = PrivateKey::generate(KeyType::p256);
  return {forge(forgery, key, root()), key};
}

Forgery odd_authority() {
  Forgery forgery = false_root();
  forgery.common_name = "Sonder-CA";
  return forgery;
}

// --- the path

TEST(PathAttackTest, AForgedSignatureIsUntrusted) {
  const LocalCa impostor(authority().certificate(), PrivateKey::generate(KeyType::p256));
  const auto result = judge(belief(), impostor.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("forgery"));
}

TEST(PathAttackTest, R63_AMailboxIsNoAuthority) {
  const auto mailbox = authority().issue(bauamt(), mailbox_key());
  const LocalCa usurper(mailbox, mailbox_key());
  const auto leaf = usurper.issue(bauamt(), PrivateKey::generate(KeyType::p256));
  const std::vector<Certificate> helpers{mailbox};
  const auto result = Trust(belief()).validate(leaf, helpers, Purpose::sign, noon);
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("no authority's certificate"));
}

TEST(PathAttackTest, R63_BasicConstraintsAreEnforced) {
  Forgery forgery = odd_authority();
  forgery.extensions = {{"basicConstraints", "critical,CA:FALSE"},
                        {"subjectKeyIdentifier", "hash"}};
  const auto issuer = below_root(forgery);
  const auto result = judge_below(issuer, issuer.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("no authority's certificate"));
}

TEST(PathAttackTest, R63_KeyCertSignIsEnforced) {
  Forgery forgery = odd_authority();
  forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"},
                        {"keyUsage", "critical,cRLSign"},
                        {"subjectKeyIdentifier", "hash"}};
  const auto issuer = below_root(forgery);
  const auto leaf = issuer.issue(bauamt(), mailbox_key());
  EXPECT_EQ(judge_below(issuer, leaf).status, PathStatus::untrusted);
  EXPECT_THAT(judge_below(issuer, leaf).reason, HasSubstr("keyUsage"));
}

TEST(PathAttackTest, R63_PathLengthIsEnforced) {
  Forgery forgery = odd_authority();
  forgery.extensions[0].second = "critical,CA:TRUE,pathlen:0";
  const auto last = below_root(forgery);
  const auto below = last.subordinate("Zu tief", KeyType::p256, noon - day);
  auto material = belief();
  material.intermediates = {last.certificate(), below.certificate()};
  material.crls.push_back(fresh_list(last));
  material.crls.push_back(fresh_list(below));
  const auto result = judge(material, below.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("forbids so many authorities"));
}

TEST(PathAttackTest, R63_NameConstraintsAreEnforced) {
  Forgery forgery = odd_authority();
  forgery.extensions.emplace_back("nameConstraints", "critical,permitted;email:stadt.example");
  const auto issuer = below_root(forgery);
  EXPECT_EQ(judge_below(issuer, issuer.issue(bauamt(), mailbox_key())).status, PathStatus::trusted);
  auto foreign = bauamt();
  foreign.addresses = {"poststelle@dorf.example"};
  const auto result = judge_below(issuer, issuer.issue(foreign, mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("does not allow"));
}

TEST(PathAttackTest, R63_NameConstraintsHoldForSmtpUtf8MailboxToo) {
  Forgery forgery = odd_authority();
  forgery.extensions.emplace_back("nameConstraints", "critical,permitted;email:stadt.example");
  const auto issuer = below_root(forgery);
  auto foreign = bauamt();
  foreign.addresses = {"bürgerbüro@dorf.example"};
  EXPECT_EQ(judge_below(issuer, issuer.issue(foreign, mailbox_key())).status,
            PathStatus::untrusted);
}

TEST(PathAttackTest, AnUnknownCriticalExtensionIsUntrusted) {
  Forgery forgery = false_bauamt();
  forgery.extensions = {{"1.2.3.4.5", "critical,DER:05:00"}};
  const auto result = judge(belief(), forge(forgery, mailbox_key(), authority()));
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("critical extension"));
}

TEST(PathAttackTest, AnExtensionThatCannotBeReadIsUntrusted) {
  Forgery forgery = false_bauamt();
  forgery.extensions = {{"basicConstraints", "DER:04:01:00"}};
  EXPECT_EQ(judge(belief(), forge(forgery, mailbox_key(), authority())).status,
            PathStatus::untrusted);
}

TEST(PathAttackTest, R62_APathMayNotBeTooLong) {
  auto material = belief();
  LocalCa last = root();
  for (int step = 0; step < 10; ++step) {
    last = last.subordinate("Stufe " + std::to_string(step), KeyType::p256, noon - day);
    material.intermediates.push_back(last.certificate());
    material.crls.push_back(fresh_list(last));
  }
  const auto result = judge(material, last.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("too long"));
}

/// Certificates that bear authority()'s name but other keys.
std::vector<Certificate> doubles(int count) {
  std::vector<Certificate> all;
  for (int i = 0; i < count; ++i) {
    const auto key = PrivateKey::generate(KeyType::p256);  // of one key one check would do
    auto forgery = false_root();
    forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"}};
    forgery.common_name = "Doppelgänger";
    all.push_back(forge(forgery, key, root()));
  }
  return all;
}

TEST(PathAttackTest, R62_ManyCertificatesOfOneNameDoNotLeadAstray) {
  auto forgery = false_root();
  forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"}};
  forgery.common_name = "Doppelgänger";
  const auto real = below_root(forgery);
  const auto leaf = forge(false_bauamt(), mailbox_key(), real);
  auto material = belief();
  material.intermediates = doubles(40);
  material.intermediates.push_back(real.certificate());
  material.crls.push_back(fresh_list(below_root(odd_authority())));
  material.anchors[0].revocation = RevocationMode::soft_fail;
  const auto result = judge(material, leaf);
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation) << result.reason;
  EXPECT_THAT(result.chain, testing::ElementsAre(leaf, real.certificate(), root().certificate()));
}

TEST(PathAttackTest, R62_NoMoreThanAHundredSignaturesAreChecked) {
  auto forgery = false_root();
  forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"}};
  forgery.common_name = "Doppelgänger";
  const auto real = below_root(forgery);
  auto material = belief();
  material.intermediates = doubles(150);
  material.intermediates.push_back(real.certificate());  // past the hundredth: not found
  const auto result = judge(material, forge(false_bauamt(), mailbox_key(), real));
  EXPECT_EQ(result.status, PathStatus::untrusted);
}

TEST(PathAttackTest, R62_AMessageWithManyCertificatesOfOneNameCostsAHundredChecksInAll) {
  // Ten certificates that could all have issued each other, and five signers below them.
  Forgery forgery = false_root();
  forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"}};
  std::vector<Certificate> brought;
  for (int i = 0; i < 10; ++i)
    brought.push_back(forge_root(forgery, PrivateKey::generate(KeyType::p256)).certificate());
  std::vector<const Certificate*> at_hand;
  for (const Certificate& each : brought) at_hand.push_back(&each);
  pki::SignatureMemory memory;
  for (const Certificate& leaf : std::span(brought).first(5))
    (void)pki::choose_issuers(leaf, at_hand, memory);
  EXPECT_GT(memory.checks(), 10U);
  EXPECT_LE(memory.checks(), 100U);
  const auto before = memory.checks();
  (void)pki::choose_issuers(brought.front(), at_hand, memory);
  EXPECT_EQ(memory.checks(), before);
}

TEST(PathAttackTest, R38_OnlySoManyHelpersAreLookedAt) {
  auto material = belief();
  material.intermediates.clear();
  std::vector<Certificate> helpers(100, root().certificate());
  helpers.push_back(authority().certificate());
  const auto leaf = authority().issue(bauamt(), mailbox_key());
  EXPECT_EQ(Trust(material).validate(leaf, helpers, Purpose::sign, noon).status,
            PathStatus::unknown_issuer);
}

/// The name and key identifier of `real` on other keys, signed by nobody whom we know.
std::vector<Certificate> strangers(const LocalCa& real, int count) {
  const auto key = PrivateKey::generate(KeyType::p256);
  std::vector<Certificate> all;
  for (int i = 0; i < count; ++i) {
    const pki::X509Handle copy(X509_dup(real.certificate().x509()));
    X509_set_pubkey(copy.get(), PrivateKey::generate(KeyType::p256).get());
    ASN1_INTEGER_set(X509_get_serialNumber(copy.get()), 1000 + i);
    X509_sign(copy.get(), key.get(), EVP_sha256());
    all.push_back(Certificate::from_x509(copy.get()).value());
  }
  return all;
}

TEST(PathAttackTest, R62_StoredStrangersAreNotInTheWayOfAnIntermediate) {
  auto material = belief();
  material.intermediates = strangers(authority(), 120);
  material.intermediates.push_back(authority().certificate());
  const Trust trust(material);
  for (int i = 0; i < 3; ++i) {
    const auto leaf = authority().issue(bauamt(), mailbox_key());
    const auto result = trust.validate(leaf, {}, Purpose::sign, noon);
    EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  }
}

TEST(PathAttackTest, R62_StoredStrangersAreNotInTheWayOfAHelperFromTheMessage) {
  auto material = belief();
  material.intermediates = strangers(authority(), 120);
  const std::vector<Certificate> helpers{authority().certificate()};
  const auto result = Trust(material).validate(mailbox(), helpers, Purpose::sign, noon);
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
}

TEST(PathAttackTest, R38_StrangersDoNotPushTheIssuerOutOfALongChain) {
  auto material = belief();
  material.intermediates.clear();
  auto helpers = strangers(authority(), 15);
  helpers.push_back(authority().certificate());
  const auto result = Trust(material).validate(mailbox(), helpers, Purpose::sign, noon);
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
}

// --- algorithms

Trust::Material belief_in(const LocalCa& ca) {
  Trust::Material material;
  material.anchors = {{ca.certificate(), RevocationMode::hard_fail, ""}};
  material.crls = {fresh_list(ca)};
  return material;
}

/// A root with an RSA key: there is no ECDSA with MD5.
const LocalCa& rsa_root() {
  static const auto ca = forge_root(false_root(), rsa_key(3072));
  return ca;
}

class RefusedDigestTest : public testing::TestWithParam<Digest> {
 protected:
  static Forgery with_digest(Forgery forgery) {
    forgery.digest = GetParam();
    return forgery;
  }
};

TEST_P(RefusedDigestTest, R21_OnTheLeafIsWeak) {
  const auto leaf = forge(with_digest(false_bauamt()), mailbox_key(), rsa_root());
  const auto result = judge(belief_in(rsa_root()), leaf);
  EXPECT_EQ(result.status, PathStatus::weak);
  EXPECT_EQ(result.strength, Strength::refused);
}

TEST_P(RefusedDigestTest, R21_OnAnAuthorityIsWeak) {
  const auto key = PrivateKey::generate(KeyType::p256);
  const LocalCa issuer(forge(with_digest(odd_authority()), key, rsa_root()), key);
  auto material = belief_in(rsa_root());
  material.intermediates = {issuer.certificate()};
  material.crls.push_back(fresh_list(issuer));
  const auto result = judge(material, issuer.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::weak);
  EXPECT_THAT(result.reason, HasSubstr("Sonder-CA"));
}

TEST_P(RefusedDigestTest, R21_OnTheAnchorItselfDoesNotMatter) {
  const auto old = forge_root(with_digest(false_root()), rsa_key(3072));
  const auto result = judge(belief_in(old), old.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
}

INSTANTIATE_TEST_SUITE_P(Digests, RefusedDigestTest, testing::Values(Digest::md5, Digest::sha1));

TEST(PathAlgorithmTest, R21_Rsa1024IsWeak) {
  const auto result = judge(belief(), authority().issue(bauamt(), rsa_key(1024)));
  EXPECT_EQ(result.status, PathStatus::weak);
  EXPECT_EQ(result.strength, Strength::refused);
  EXPECT_THAT(result.reason, HasSubstr("RSA-1024"));
}

TEST(PathAlgorithmTest, R21_Rsa1024OfTheAnchorIsWeak) {
  const auto old = forge_root(false_root(), rsa_key(1024));
  EXPECT_EQ(judge(belief_in(old), old.issue(bauamt(), mailbox_key())).status, PathStatus::weak);
}

TEST(PathAlgorithmTest, R21_SmallExponentIsWeak) {
  const auto result = judge(belief(), authority().issue(bauamt(), rsa_key(2048, 3)));
  EXPECT_EQ(result.status, PathStatus::weak);
  EXPECT_THAT(result.reason, HasSubstr("exponent"));
}

TEST(PathAlgorithmTest, Rsa2048IsTrustedButSaidToBeWeak) {
  const auto result = judge(belief(), authority().issue(bauamt(), rsa_key(2048)));
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  EXPECT_EQ(result.strength, Strength::weak);
  EXPECT_THAT(result.reason, HasSubstr("RSA-2048"));
}

TEST(PathAlgorithmTest, Sha224IsTrustedButSaidToBeWeak) {
  Forgery forgery = false_bauamt();
  forgery.digest = Digest::sha224;
  const auto result = judge(belief(), forge(forgery, mailbox_key(), authority()));
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  EXPECT_EQ(result.strength, Strength::weak);
}

TEST(PathAlgorithmTest, AnUnknownCurveIsWeak) {
  const auto result = judge(belief(), authority().issue(bauamt(), odd_key("secp256k1")));
  EXPECT_EQ(result.status, PathStatus::weak);
  EXPECT_EQ(result.strength, Strength::refused);
}

TEST(PathAlgorithmTest, Ed25519IsUnsupportedAndNotCalledBad) {
  const auto result = judge(belief(), forge(false_bauamt(), odd_key("ED25519"), authority()));
  EXPECT_EQ(result.status, PathStatus::weak);
  EXPECT_EQ(result.strength, Strength::unsupported);
  EXPECT_THAT(result.reason, HasSubstr("not supported"));
}

TEST(PathAlgorithmTest, APssSignedPathIsTrusted) {
  Forgery leaf = false_bauamt();
  leaf.padding = Padding::pss;
  const auto result = judge(belief_in(rsa_root()), forge(leaf, mailbox_key(), rsa_root()));
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  EXPECT_EQ(result.strength, Strength::ok);
}

TEST(PathAlgorithmTest, AForgeableRevocationListSaysNothing) {
  // The list's own algorithm is judged too: SHA-1 lists could be forged to clear anybody.
  const auto issuer = forge_root(false_root(), PrivateKey::generate(KeyType::p256));
  auto material = belief_in(issuer);
  material.crls = {resigned(fresh_list(issuer), issuer.key(), Digest::sha1)};
  EXPECT_EQ(judge(material, issuer.issue(bauamt(), mailbox_key())).status,
            PathStatus::unchecked_revocation);
}

}  // namespace
}  // namespace siegel::tests
