#include "pki/trust.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

namespace siegel::tests {
namespace {

using config::RevocationMode;
using pki::Certificate;
using pki::KeyType;
using pki::LocalCa;
using pki::PathStatus;
using pki::PrivateKey;
using pki::Purpose;
using pki::Strength;
using pki::Trust;
using pki::Usage;
using testing::ElementsAre;
using testing::HasSubstr;

/// Anchors `ca`, with a fresh list of it.
Trust::Material belief_in(const LocalCa& ca) {
  Trust::Material material;
  material.anchors = {{ca.certificate(), RevocationMode::hard_fail, "other"}};
  material.crls = {fresh_list(ca)};
  return material;
}

// --- what is right

TEST(TrustTest, APathToAnAnchorIsTrusted) {
  const auto result = judge(belief(), mailbox());
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  EXPECT_EQ(result.strength, Strength::ok);
  EXPECT_THAT(result.reason, HasSubstr("Wurzel 2026"));
  EXPECT_THAT(result.chain,
              ElementsAre(mailbox(), authority().certificate(), root().certificate()));
}

TEST(TrustTest, R26_AHelperFromTheMessageCompletesThePath) {
  auto material = belief();
  material.intermediates.clear();
  const std::vector<Certificate> helpers{mailbox(), authority().certificate()};
  const auto result = Trust(material).validate(mailbox(), helpers, Purpose::sign, noon);
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
}

TEST(TrustTest, StrictModeAcceptsWhatLocalCaIssues) {
  auto material = belief();
  material.settings.strict_x509 = true;
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
}

TEST(TrustTest, AnEllipticCurveCertificateForKeyAgreementEncrypts) {
  const auto leaf = authority().issue(bauamt(Usage::encrypt), mailbox_key());
  const auto result = Trust(belief()).validate(leaf, {}, Purpose::encrypt, noon);
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
}

// --- issuers

TEST(TrustTest, AMissingIssuerIsUnknown) {
  auto material = belief();
  material.intermediates.clear();
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unknown_issuer);
  EXPECT_THAT(result.reason, HasSubstr("Behörden-CA 1"));
  EXPECT_THAT(result.chain, ElementsAre(mailbox()));
}

TEST(TrustTest, WithoutAnchorsNothingIsTrusted) {
  EXPECT_EQ(judge({}, mailbox()).status, PathStatus::unknown_issuer);
  EXPECT_EQ(judge({}, root().certificate()).status, PathStatus::untrusted);
}

TEST(TrustTest, R26_ARootFromTheMessageIsNoAnchor) {
  const auto other = LocalCa::make("Fremde", "Fremde Wurzel", KeyType::p256, noon - 10 * day);
  const auto leaf = other.issue(bauamt(), mailbox_key());
  const std::vector<Certificate> helpers{other.certificate()};
  const auto result = Trust(belief()).validate(leaf, helpers, Purpose::sign, noon);
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("Fremde Wurzel"));
  EXPECT_THAT(result.chain, ElementsAre(leaf, other.certificate()));
}

TEST(TrustTest, R32_ASelfSignedCertificateIsUntrusted) {
  const auto own = forge_root(false_bauamt(), mailbox_key()).certificate();
  const auto result = judge(belief(), own);
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_THAT(result.reason, HasSubstr("signed by itself"));
}

TEST(TrustTest, R65_TheAnchorOfAnotherTenantDoesNotCount) {
  const auto other = LocalCa::make("Fremde", "Fremde Wurzel", KeyType::p256, noon - 10 * day);
  const auto leaf = other.issue(bauamt(), mailbox_key());
  EXPECT_EQ(judge(belief_in(other), leaf).status, PathStatus::trusted);
  EXPECT_EQ(judge(belief(), leaf).status, PathStatus::unknown_issuer);
}

TEST(TrustTest, AnIntermediateIsNoAnchor) {
  auto material = belief();
  material.anchors.clear();
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::unknown_issuer);
}

// --- time

TEST(TrustTest, ExpiredIsExpiredEvenWithoutRevocationList) {
  auto material = belief();
  material.crls.clear();
  const auto result = judge(material, mailbox(), noon + 301 * day);
  EXPECT_EQ(result.status, PathStatus::expired);
  EXPECT_THAT(result.reason, HasSubstr("2027-03-28"));
}

TEST(TrustTest, AnExpiredAuthorityIsNamed) {
  const auto old = root().subordinate("Alte CA", KeyType::p256, noon - 3000 * day);
  auto material = belief();
  material.intermediates = {old.certificate()};
  material.crls.push_back(fresh_list(old));
  const auto result = judge(material, old.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::expired);
  EXPECT_THAT(result.reason, HasSubstr("Alte CA"));
}

TEST(TrustTest, NotYetValidIsSaid) {
  EXPECT_EQ(judge(belief(), mailbox(), noon - 31 * day).status, PathStatus::not_yet_valid);
}

TEST(TrustTest, AClockFiveMinutesBehindIsForgiven) {
  auto wanted = bauamt();
  wanted.not_before = noon + std::chrono::seconds(300);
  EXPECT_EQ(judge(belief(), authority().issue(wanted, mailbox_key())).status, PathStatus::trusted);
  wanted.not_before = noon + std::chrono::seconds(301);
  EXPECT_EQ(judge(belief(), authority().issue(wanted, mailbox_key())).status,
            PathStatus::not_yet_valid);
}

TEST(TrustTest, R64_ByAClockBeforeTheReleaseNothingIsPositive) {
  auto material = belief();
  material.earliest = noon;
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::trusted);
  const auto result = judge(material, mailbox(), noon - std::chrono::seconds(1));
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_THAT(result.reason, HasSubstr("clock"));
}

// --- usage

TEST(TrustTest, ACertificateForEncryptionSignsNothing) {
  const auto leaf = authority().issue(bauamt(Usage::encrypt), mailbox_key());
  EXPECT_EQ(judge(belief(), leaf).status, PathStatus::unfit);
}

TEST(TrustTest, R35_ACertificateForSigningEncryptsNothing) {
  const auto leaf = authority().issue(bauamt(Usage::sign), mailbox_key());
  EXPECT_EQ(Trust(belief()).validate(leaf, {}, Purpose::encrypt, noon).status, PathStatus::unfit);
}

TEST(TrustTest, AnyExtendedKeyUsageIsASetting) {
  Forgery forgery = false_bauamt();
  forgery.extensions = {{"extendedKeyUsage", "anyExtendedKeyUsage"}};
  const auto leaf = forge(forgery, mailbox_key(), authority());
  auto material = belief();
  EXPECT_EQ(judge(material, leaf).status, PathStatus::trusted);
  material.settings.any_extended_key_usage = false;
  EXPECT_EQ(judge(material, leaf).status, PathStatus::unfit);
}

TEST(TrustTest, AServerAuthorityIssuesNoMailCertificates) {
  Forgery forgery = false_root();
  forgery.common_name = "Server-CA";
  forgery.extensions.emplace_back("extendedKeyUsage", "serverAuth");
  const auto key = PrivateKey::generate(KeyType::p256);
  const LocalCa server(forge(forgery, key, root()), key);
  auto material = belief();
  material.intermediates = {server.certificate()};
  material.crls.push_back(fresh_list(server));
  const auto result = judge(material, server.issue(bauamt(), mailbox_key()));
  EXPECT_EQ(result.status, PathStatus::unfit);
  EXPECT_THAT(result.reason, HasSubstr("Server-CA"));
}

// --- threads

TEST(TrustTest, ManyThreadsShareOneTrust) {
  const Trust trust(belief());
  const auto leaf = mailbox();
  const auto run = [&] {
    int good = 0;
    for (int i = 0; i < 25; ++i) {
      const auto result = trust.validate(leaf, {}, Purpose::sign, noon);
      good += result.status == PathStatus::trusted ? 1 : 0;
    }
    return good;
  };
  std::vector<std::future<int>> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(std::async(std::launch::async, run));
  for (auto& done : runs) EXPECT_EQ(done.get(), 25);
}

}  // namespace
}  // namespace siegel::tests
