#include <algorithm>

#include <gtest/gtest.h>

#include "tests/pki/authorities.h"

/// Which of several lists count, and that none outvotes one that revokes (RFC 5280 §3.3, §5.2.4,
/// §5.3.1, §6.3.3).
namespace siegel::tests {
namespace {

using pki::Certificate;
using pki::Crl;
using pki::KeyType;
using pki::LocalCa;
using pki::PathStatus;
using pki::Trust;

constexpr std::chrono::hours hour{1};
constexpr long hold = 6;
constexpr long remove_from_crl = 8;

/// The same name as authority(), another key, and nobody has issued it but itself.
const LocalCa& impostor() {
  static const auto ca =
      LocalCa::make("Freistaat", "Behörden-CA 1", KeyType::p256, noon - 80 * day);
  return ca;
}

/// The same authority with its next key.
const LocalCa& renewed() {
  static const auto ca = root().subordinate("Behörden-CA 1", KeyType::p256, noon - 20 * day);
  return ca;
}

ForgedList list(std::uint64_t number) {
  ForgedList forgery;
  forgery.number = number;
  forgery.this_update = noon - 10 * day + number * hour;
  forgery.next_update = noon + 7 * day;
  return forgery;
}
ForgedList with(ForgedList forgery, std::optional<long> reason = std::nullopt) {
  forgery.entries.push_back({mailbox(), reason, std::nullopt});
  return forgery;
}
ForgedList without_key_identifier(ForgedList forgery) {
  forgery.names_key = false;
  return forgery;
}
ForgedList delta(ForgedList forgery) {
  forgery.extensions.emplace_back("deltaCRL", "critical,DER:020101");
  return forgery;
}
ForgedList part(ForgedList forgery, const std::string& which) {
  forgery.extensions.emplace_back("issuingDistributionPoint", "critical," + which);
  return forgery;
}
Crl made(const ForgedList& forgery, const LocalCa& by = authority()) {
  return forge_list(forgery, by);
}

PathStatus status(std::vector<Crl> lists, const Certificate& certificate = mailbox()) {
  auto material = belief();
  material.intermediates.push_back(renewed().certificate());
  lists.push_back(fresh_list(root()));
  material.crls = lists;
  const auto forwards = judge(material, certificate).status;
  std::reverse(material.crls.begin(), material.crls.end());
  EXPECT_EQ(judge(material, certificate).status, forwards) << "the order of the lists matters";
  return forwards;
}

// --- foreign lists

TEST(PathRevocationTest, AForeignListOfALaterDayHidesNoRevocation) {
  for (const auto& forged : {list(9), without_key_identifier(list(9))})
    EXPECT_EQ(status({made(with(list(1))), made(forged, impostor())}), PathStatus::revoked);
  // the key identifier of the right authority, the signature of another key
  const LocalCa wrong_key(authority().certificate(), impostor().key());
  EXPECT_EQ(status({made(with(list(1))), made(list(9), wrong_key)}), PathStatus::revoked);
}

TEST(PathRevocationTest, AForeignListBesideTheRightOneChangesNothing) {
  const LocalCa wrong_key(authority().certificate(), impostor().key());
  EXPECT_EQ(status({made(list(1)), made(with(list(9)), wrong_key)}), PathStatus::trusted);
  EXPECT_EQ(status({made(list(1)), made(without_key_identifier(with(list(9))), impostor())}),
            PathStatus::trusted);
}

TEST(PathRevocationTest, ACertificateThatSomebodyBroughtCannotRevoke) {
  auto material = belief();
  material.crls.push_back(made(with(list(9)), impostor()));
  const std::vector<Certificate> brought{impostor().certificate()};
  const auto result = Trust(material).validate(mailbox(), brought, pki::Purpose::sign, noon);
  EXPECT_EQ(result.status, PathStatus::trusted);
}

// --- an authority that has changed its key

TEST(PathRevocationTest, AfterAChangeOfKeyEachKeyHasItsOwnLists) {
  const auto current = renewed().issue(bauamt(), mailbox_key());
  const auto old_list = made(without_key_identifier(list(77)));
  EXPECT_EQ(status({old_list, made(without_key_identifier(list(1)), renewed())}, current),
            PathStatus::trusted);
  ForgedList revoking = without_key_identifier(list(1));
  revoking.entries.push_back({current, std::nullopt, std::nullopt});
  EXPECT_EQ(status({old_list, made(revoking, renewed())}, current), PathStatus::revoked);
  EXPECT_EQ(status({old_list}, current), PathStatus::unchecked_revocation);
}

TEST(PathRevocationTest, TheNextKeyMaySpeakForTheOldOne) {
  EXPECT_EQ(status({made(list(5), renewed())}), PathStatus::trusted);
  EXPECT_EQ(status({made(list(5)), made(with(list(1)), renewed())}), PathStatus::revoked);
}

// --- one list revokes, another does not

TEST(PathRevocationTest, ADeltaListRevokesWithoutFreshestCrl) {
  EXPECT_EQ(status({made(list(2)), made(delta(with(list(3))))}), PathStatus::revoked);
  EXPECT_EQ(status({made(list(2)), made(delta(list(3)))}), PathStatus::trusted);
}

TEST(PathRevocationTest, AListOfAPartRevokesBesideAFullOne) {
  const std::string here = "fullname:URI:http://ca.example/a.crl";
  EXPECT_EQ(status({made(list(1)), made(part(with(list(1)), here))}), PathStatus::revoked);
}

TEST(PathRevocationTest, R66_ALowerNumberOfALaterDayDoesNotClear) {
  auto later = list(2);
  later.this_update = noon - hour;
  EXPECT_EQ(status({made(with(list(9))), made(later)}), PathStatus::revoked);
}

TEST(PathRevocationTest, AnEntryNeverDisappears) {
  EXPECT_EQ(status({made(with(list(1))), made(list(2))}), PathStatus::revoked);
  EXPECT_EQ(status({made(with(list(1))), made(delta(with(list(2), remove_from_crl)))}),
            PathStatus::revoked);
}

TEST(PathRevocationTest, AttributeCertificatesHaveSerialNumbersOfTheirOwn) {
  EXPECT_EQ(status({made(list(1)), made(part(with(list(2)), "onlyAA:TRUE"))}), PathStatus::trusted);
}

TEST(PathRevocationTest, AnEntryForAnotherIssuerIsNotMeant) {
  auto indirect = part(list(2), "indirectCRL:TRUE");
  indirect.entries.push_back({mailbox(), std::nullopt, root().certificate()});
  EXPECT_NE(status({made(list(1)), made(indirect)}), PathStatus::revoked);
  indirect.entries.back().issuer = authority().certificate();
  EXPECT_EQ(status({made(list(1)), made(indirect)}), PathStatus::revoked);
}

TEST(PathRevocationTest, AListWithAnUnknownCriticalExtensionSaysNothing) {
  auto enigma = with(list(9));
  enigma.extensions.emplace_back("1.2.3.4.5", "critical,DER:0500");
  EXPECT_EQ(status({made(enigma)}), PathStatus::unchecked_revocation);
  EXPECT_EQ(status({made(enigma), made(list(1))}), PathStatus::trusted);
  enigma.entries.clear();
  EXPECT_EQ(status({made(enigma), made(with(list(1)))}), PathStatus::revoked);
}

// --- certificateHold

TEST(PathRevocationTest, AHoldCountsWhileItStands) {
  EXPECT_EQ(status({made(with(list(1), hold))}), PathStatus::revoked);
  EXPECT_EQ(status({made(list(1)), made(delta(with(list(2), hold)))}), PathStatus::revoked);
}

TEST(PathRevocationTest, AHoldIsLiftedByALaterFullList) {
  EXPECT_EQ(status({made(with(list(1), hold)), made(list(2))}), PathStatus::trusted);
  EXPECT_EQ(status({made(delta(with(list(1), hold))), made(list(2))}), PathStatus::trusted);
}

TEST(PathRevocationTest, AHoldIsLiftedByALaterDeltaListThatRemovesIt) {
  EXPECT_EQ(status({made(with(list(1), hold)), made(delta(with(list(2), remove_from_crl)))}),
            PathStatus::trusted);
  EXPECT_EQ(status({made(with(list(3), hold)), made(delta(with(list(2), remove_from_crl)))}),
            PathStatus::revoked);
  EXPECT_EQ(status({made(with(list(1), hold)), made(delta(list(2)))}), PathStatus::revoked);
}

TEST(PathRevocationTest, AHoldMayBecomeFinal) {
  EXPECT_EQ(status({made(with(list(1), hold)), made(with(list(2)))}), PathStatus::revoked);
}

}  // namespace
}  // namespace siegel::tests
