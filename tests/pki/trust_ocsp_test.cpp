#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

/// OCSP answers in the decision table of STANDARDS §5.4, and what a path wants to be asked for.
namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using pki::OcspAnswer;
using pki::PathStatus;
using pki::StatusNeed;
using pki::Trust;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Status = OcspAnswer::Status;

const StatusNeed& about_mailbox() {
  static const StatusNeed need{mailbox(), authority().certificate()};
  return need;
}

const StatusNeed& about_authority() {
  static const StatusNeed need{authority().certificate(), root().certificate()};
  return need;
}

void say(Trust::Material& material, const StatusNeed& about, Status status, Time from = noon - 1h,
         Time until = noon + day) {
  const auto subject = status_subject(about.certificate, about.issuer);
  material.answers[subject] = {subject, status, from, until, {}, {}, std::max(from, noon - day)};
}

Trust::Material without_lists() {
  auto material = belief();
  material.crls.clear();
  return material;
}

TEST(OcspTrustTest, GoodByOcspIsKnownWithoutAnyList) {
  auto material = without_lists();
  say(material, about_mailbox(), Status::good);
  say(material, about_authority(), Status::good);
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  EXPECT_THAT(result.wanted, IsEmpty());
}

TEST(OcspTrustTest, TheWholePathMustBeKnown) {
  auto material = without_lists();
  say(material, about_mailbox(), Status::good);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::unchecked_revocation);
  EXPECT_THAT(judge(material, mailbox()).wanted, ElementsAre(about_authority()));
}

TEST(OcspTrustTest, AListAndAnAnswerMayShareThePath) {
  auto material = without_lists();
  material.crls = {fresh_list(root())};
  say(material, about_mailbox(), Status::good);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::trusted);
}

TEST(OcspTrustTest, RevokedByOcspWinsOverAListThatClears) {
  auto material = belief();
  say(material, about_mailbox(), Status::revoked);
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::revoked);
  EXPECT_THAT(result.reason, HasSubstr("OCSP"));
  EXPECT_THAT(result.wanted, IsEmpty());
}

TEST(OcspTrustTest, RevokedByAListWinsOverAnAnswerThatClears) {
  auto material = belief();
  material.crls = {fresh_list(root()), fresh_list(authority(), {mailbox()})};
  say(material, about_mailbox(), Status::good);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

TEST(OcspTrustTest, ARevokedAuthorityRevokesWhatIsBelow) {
  auto material = belief();
  say(material, about_authority(), Status::revoked);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

TEST(OcspTrustTest, UnknownIsUnknown) {
  auto material = without_lists();
  material.crls = {fresh_list(root())};
  say(material, about_mailbox(), Status::unknown);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::unchecked_revocation);
}

TEST(OcspTrustTest, AnAnswerPastItsEndDoesNotClear) {
  auto material = without_lists();
  material.crls = {fresh_list(root())};
  say(material, about_mailbox(), Status::good, noon - 2 * day, noon - day);
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_THAT(result.wanted, ElementsAre(about_mailbox()));
}

TEST(OcspTrustTest, ARevocationStaysThoughItsAnswerIsOld) {
  auto material = belief();
  say(material, about_mailbox(), Status::revoked, noon - 20 * day, noon - 19 * day);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

TEST(OcspTrustTest, AnAnswerForAnotherIssuerSaysNothing) {
  auto material = without_lists();
  material.crls = {fresh_list(root())};
  say(material, {mailbox(), root().certificate()}, Status::good);
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::unchecked_revocation);
}

TEST(OcspTrustTest, ANewerAnswerIsWantedBeforeTheOldOneEnds) {
  auto material = without_lists();
  material.crls = {fresh_list(root())};
  say(material, about_mailbox(), Status::good, noon - 20h, noon + 4h);
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::trusted);
  EXPECT_THAT(result.wanted, ElementsAre(about_mailbox()));
}

TEST(OcspTrustTest, AFreshListNeedsNoAnswer) {
  EXPECT_THAT(judge(belief(), mailbox()).wanted, IsEmpty());
}

TEST(OcspTrustTest, R60_NothingIsWantedForAPathWithoutAnAnchor) {
  auto material = without_lists();
  material.anchors.clear();
  EXPECT_THAT(judge(material, mailbox()).wanted, IsEmpty());
}

TEST(OcspTrustTest, R60_NothingIsWantedForAForgedSignature) {
  const pki::LocalCa impostor(authority().certificate(),
                              pki::PrivateKey::generate(pki::KeyType::p256));
  const auto leaf = impostor.issue(bauamt(), mailbox_key());
  EXPECT_THAT(judge(without_lists(), leaf).wanted, IsEmpty());
}

TEST(OcspTrustTest, R60_NothingIsWantedForAPathThatBreaksARule) {
  const auto leaf = authority().issue(bauamt(pki::Usage::encrypt), mailbox_key());
  EXPECT_THAT(judge(without_lists(), leaf).wanted, IsEmpty());
  EXPECT_THAT(judge(without_lists(), mailbox(), noon + 301 * day).wanted, IsEmpty());
}

TEST(OcspTrustTest, R64_AClockBeforeTheReleaseTrustsNothing) {
  auto material = belief();
  material.anchors[0].revocation = config::RevocationMode::soft_fail;
  material.earliest = noon + 1s;
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_FALSE(result.soft_fail);
  EXPECT_THAT(result.reason, HasSubstr("clock"));
  EXPECT_EQ(judge(material, mailbox(), noon + 1s).status, PathStatus::trusted);
}

TEST(OcspTrustTest, R64_AClockThatNothingKeepsRightTrustsNothingIfTheSettingsSaySo) {
  auto material = belief();
  material.anchors[0].revocation = config::RevocationMode::soft_fail;
  material.is_synchronised = [] { return false; };
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::trusted);
  material.settings.synchronised_clock = true;
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_FALSE(result.soft_fail);
  EXPECT_THAT(result.reason, HasSubstr("is not synchronised"));
  material.is_synchronised = [] { return true; };
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::trusted);
}

}  // namespace
}  // namespace siegel::tests
