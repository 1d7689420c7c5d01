#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

/// Revocation: STANDARDS §5.2 and the decision table of §5.4.
namespace siegel::tests {
namespace {

using config::RevocationMode;
using pki::Certificate;
using pki::Crl;
using pki::KeyType;
using pki::LocalCa;
using pki::PathStatus;
using pki::Trust;
using testing::HasSubstr;

/// The usual belief, with `list` in the place of the authority's own.
Trust::Material with_list(const Crl& list) {
  auto material = belief();
  material.crls = {fresh_list(root()), list};
  return material;
}

TEST(RevocationTest, ARevokedCertificateIsRevoked) {
  const auto result = judge(with_list(fresh_list(authority(), {mailbox()})), mailbox());
  EXPECT_EQ(result.status, PathStatus::revoked);
  EXPECT_THAT(result.reason, HasSubstr("revoked by “CN=Behörden-CA 1"));
}

TEST(RevocationTest, AnotherCertificateOnTheListDoesNotMatter) {
  const auto other = authority().issue(bauamt(), mailbox_key());
  EXPECT_EQ(judge(with_list(fresh_list(authority(), {other})), mailbox()).status,
            PathStatus::trusted);
}

TEST(RevocationTest, ARevokedAuthorityRevokesWhatIsBelow) {
  auto material = belief();
  material.crls = {fresh_list(root(), {authority().certificate()}), fresh_list(authority())};
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::revoked);
  EXPECT_THAT(result.reason, HasSubstr("authority “CN=Behörden-CA 1"));
}

TEST(RevocationTest, RevokedWinsOverExpired) {
  auto material = with_list(fresh_list(authority(), {mailbox()}));
  EXPECT_EQ(judge(material, mailbox(), noon + 301 * day).status, PathStatus::revoked);
}

TEST(RevocationTest, RevokedWinsOverAMissingListOfTheRoot) {
  Trust::Material material = belief();
  material.crls = {fresh_list(authority(), {mailbox()})};
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

// --- the status cannot be known

TEST(RevocationTest, WithoutAListTheStatusIsUnknown) {
  auto material = belief();
  material.crls = {fresh_list(root())};
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_FALSE(result.soft_fail);
  EXPECT_THAT(result.reason, HasSubstr("no usable revocation list of “CN=Behörden-CA 1"));
}

TEST(RevocationTest, TheWholePathNeedsLists) {
  auto material = belief();
  material.crls = {fresh_list(authority())};
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::unchecked_revocation);
}

TEST(RevocationTest, TheAnchorSaysWhetherUnknownIsSoft) {
  auto material = belief();
  material.crls.clear();
  material.anchors[0].revocation = RevocationMode::soft_fail;
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_TRUE(result.soft_fail);
}

TEST(RevocationTest, SoftFailForgivesNothingElse) {
  auto material = with_list(fresh_list(authority(), {mailbox()}));
  material.anchors[0].revocation = RevocationMode::soft_fail;
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

// --- old, young and false lists

TEST(RevocationTest, AListWithinGraceStillCounts) {
  auto material = with_list(authority().revoke({}, 1, noon - 9 * day, noon - day));
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::trusted);
}

TEST(RevocationTest, AListBeyondGraceCountsNoLonger) {
  auto material =
      with_list(authority().revoke({}, 1, noon - 9 * day, noon - day - std::chrono::seconds(1)));
  const auto result = judge(material, mailbox());
  EXPECT_EQ(result.status, PathStatus::unchecked_revocation);
  EXPECT_THAT(result.reason, HasSubstr("out of date since 2026-05-31"));
}

TEST(RevocationTest, AnOldListStillRevokes) {
  auto material = with_list(authority().revoke({mailbox()}, 1, noon - 90 * day, noon - 80 * day));
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

TEST(RevocationTest, AListFromAClockFiveMinutesAheadCounts) {
  const auto ahead = [](int seconds) {
    return with_list(
        authority().revoke({}, 1, noon + std::chrono::seconds(seconds), noon + 7 * day));
  };
  EXPECT_EQ(judge(ahead(300), mailbox()).status, PathStatus::trusted);
  EXPECT_EQ(judge(ahead(301), mailbox()).status, PathStatus::unchecked_revocation);
}

TEST(RevocationTest, OfTwoListsTheNewerDecides) {
  auto material = belief();
  material.crls.push_back(authority().revoke({mailbox()}, 2, noon - day / 2, noon + 7 * day));
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::revoked);
}

LocalCa impostor() {
  static const auto key = pki::PrivateKey::generate(KeyType::p256);
  return {authority().certificate(), key};  // the right name and key identifier, the wrong key
}

TEST(RevocationTest, AForgedListDoesNotClearAnybody) {
  EXPECT_EQ(judge(with_list(fresh_list(impostor())), mailbox()).status,
            PathStatus::unchecked_revocation);
}

TEST(RevocationTest, AForgedListRevokesNobody) {
  EXPECT_EQ(judge(with_list(fresh_list(impostor(), {mailbox()})), mailbox()).status,
            PathStatus::unchecked_revocation);
}

TEST(RevocationTest, AListOfTheMessageWouldNotBeAsked) {
  // R26: Trust takes lists from its material only; the root's list does not speak for the
  // authority.
  auto material = with_list(fresh_list(root(), {mailbox()}));
  EXPECT_EQ(judge(material, mailbox()).status, PathStatus::unchecked_revocation);
}

}  // namespace
}  // namespace siegel::tests
