#include "gateway/policy/scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/scene.h"

namespace siegel::tests {
namespace {

using config::EncryptDemand;
using config::SchemeChoice;
using config::SignDemand;
using pki::Provenance;
using policy::Action;
using policy::Route;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string anna = "anna@buerger.example";
const std::string max = "max@firma.example";
const std::string eva = "eva@firma.example";

Time day(int number) {
  return Time(std::chrono::hours(24 * number));
}

pki::OpenPgpPeer openpgp_peer(const std::string& who, Provenance provenance = Provenance::harvested,
                              Time last_seen = {}) {
  return {address(who), openpgp_key(who), provenance, false, last_seen};
}

/// Somebody whose S/MIME certificate was last seen on this day.
Scene& with_certificate(Scene& scene, const std::string& who, Provenance provenance,
                        Time last_seen = {}) {
  scene.has_key(who);
  scene.ring.peers.at(address(who)).provenance = provenance;
  scene.ring.peers.at(address(who)).last_seen = last_seen;
  return scene;
}

std::string scheme_of(const Route& route) {
  if (!route.treatment.encrypt_to.empty()) return "smime";
  return route.treatment.encrypt_to_openpgp.empty() ? "clear" : "openpgp";
}

// --- which key

TEST(SchemeChoice, TheOnlyKeyIsTaken) {
  EXPECT_EQ(scheme_of(Scene().has_key(anna).route()), "smime");
  EXPECT_EQ(scheme_of(Scene().has_openpgp_key(anna).route()), "openpgp");
  EXPECT_EQ(scheme_of(Scene().route()), "clear");
}

TEST(SchemeChoice, WhatThePeerUsedLastIsTaken) {
  Scene scene;
  with_certificate(scene, anna, Provenance::harvested, day(10));
  scene.has_openpgp_key(openpgp_peer(anna, Provenance::harvested, day(20)));
  EXPECT_EQ(scheme_of(scene.route()), "openpgp");
  EXPECT_THAT(scene.route().reason, HasSubstr("OpenPGP is taken because it was used last"));
  with_certificate(scene, anna, Provenance::harvested);
  scene.ring.peers.at(address(anna)).last_seen = day(30);
  EXPECT_EQ(scheme_of(scene.route()), "smime");
}

TEST(SchemeChoice, R33_AFoundKeyNeverComesBeforeOneThatSomebodyVouchedFor) {
  for (const Provenance provenance : {Provenance::dns, Provenance::foreign_directory}) {
    Scene scene;
    with_certificate(scene, anna, Provenance::harvested, day(1));
    scene.has_openpgp_key(openpgp_peer(anna, provenance, day(99)));
    EXPECT_EQ(scheme_of(scene.route()), "smime");
    EXPECT_THAT(scene.route().reason, HasSubstr("better vouched for"));
  }
}

TEST(SchemeChoice, OfTwoThatWereSeenAtOnceTheBetterRankThenSmimeIsTaken) {
  Scene scene;
  with_certificate(scene, anna, Provenance::harvested, day(1));
  scene.has_openpgp_key(openpgp_peer(anna, Provenance::admin, day(1)));
  EXPECT_EQ(scheme_of(scene.route()), "openpgp");
  scene.has_openpgp_key(openpgp_peer(anna, Provenance::harvested, day(1)));
  EXPECT_EQ(scheme_of(scene.route()), "smime");
}

TEST(SchemeChoice, TheRuleMayPreferOne) {
  Scene scene;
  with_certificate(scene, anna, Provenance::harvested, day(10))
      .rule({.scheme = SchemeChoice::openpgp});
  scene.has_openpgp_key(openpgp_peer(anna, Provenance::dns, day(1)));
  EXPECT_EQ(scheme_of(scene.route()), "openpgp");
  scene.config.rules.outgoing[0].scheme = SchemeChoice::smime;
  EXPECT_EQ(scheme_of(scene.route()), "smime");
  scene.ring.peers.clear();
  EXPECT_EQ(scheme_of(scene.route()), "openpgp");
}

TEST(SchemeChoice, TheRuleMayRuleOneOut) {
  Scene scene;
  scene.has_openpgp_key(anna).rule({.scheme = SchemeChoice::smime_only});
  EXPECT_EQ(scheme_of(scene.route()), "clear");
  scene.config.rules.outgoing[0].encrypt = EncryptDemand::required;
  EXPECT_EQ(scene.route().action, Action::refuse);
}

// --- Autocrypt

TEST(SchemeChoice, R33_AnAutocryptKeyIsUsedIfPossibleOnlyWhereItsOwnerAsksForIt) {
  Scene scene;
  pki::OpenPgpPeer peer = openpgp_peer(anna, Provenance::autocrypt, day(9));
  EXPECT_EQ(scheme_of(scene.has_openpgp_key(peer).route()), "clear");
  EXPECT_THAT(scene.route().reason, HasSubstr("does not ask for encryption"));
  peer.prefers_encryption = true;
  EXPECT_EQ(scheme_of(scene.has_openpgp_key(peer).route()), "openpgp");
}

TEST(SchemeChoice, R33_AnAutocryptKeyNeverComesBeforeACertificate) {
  Scene scene;
  with_certificate(scene, anna, Provenance::foreign_directory, day(1));
  pki::OpenPgpPeer peer = openpgp_peer(anna, Provenance::autocrypt, day(99));
  peer.prefers_encryption = true;
  EXPECT_EQ(scheme_of(scene.has_openpgp_key(peer).route()), "smime");
}

TEST(SchemeChoice, WhereEncryptionIsRequiredAnAutocryptKeyCountsAndThatIsSaid) {
  Scene scene;
  scene.has_openpgp_key(openpgp_peer(anna, Provenance::autocrypt));
  scene.rule({.encrypt = EncryptDemand::required});
  EXPECT_EQ(scheme_of(scene.route()), "openpgp");
  EXPECT_THAT(scene.route().reason, HasSubstr("known by Autocrypt alone, nobody has checked"));
}

// --- signatures

TEST(SchemeChoice, AMessageIsSignedByTheSchemeOfItsEncryption) {
  Scene scene;
  scene.signs().signs_openpgp().has_openpgp_key(anna);
  EXPECT_TRUE(scene.route().treatment.sign_openpgp);
  EXPECT_FALSE(scene.route().treatment.sign);
  EXPECT_THAT(scene.route().reason, HasSubstr("signed by OpenPGP as bauamt@stadt.example"));
}

TEST(SchemeChoice, ClearMailIsSignedByCertificateAndElseByOpenPgp) {
  Scene scene;
  EXPECT_TRUE(scene.signs_openpgp().route().treatment.sign_openpgp);
  EXPECT_FALSE(scene.signs().route().treatment.sign_openpgp);
  EXPECT_TRUE(scene.route().treatment.sign);
}

TEST(SchemeChoice, ADemandedSignatureTurnsTheChoiceToTheSchemeThatCanSign) {
  Scene scene;
  scene.signs().rule({.sign = SignDemand::always});
  scene.has_openpgp_key(openpgp_peer(anna, Provenance::admin, day(9)));
  with_certificate(scene, anna, Provenance::dns);
  EXPECT_EQ(scheme_of(scene.route()), "smime");
  EXPECT_TRUE(scene.route().treatment.sign);
}

TEST(SchemeChoice, ADemandedSignatureComesBeforeAnEncryptionThatIsOnlyIfPossible) {
  Scene scene;
  scene.signs().has_openpgp_key(anna).rule({.sign = SignDemand::always});
  EXPECT_EQ(scheme_of(scene.route()), "clear");
  EXPECT_TRUE(scene.route().treatment.sign);
  EXPECT_THAT(scene.route().reason, HasSubstr("of the other scheme"));
}

TEST(SchemeChoice, R39_WhereBothAreDemandedAndOneCannotBeNothingLeaves) {
  Scene scene;
  scene.signs().has_openpgp_key(anna).rule(
      {.sign = SignDemand::always, .encrypt = EncryptDemand::required});
  EXPECT_EQ(scene.route().action, Action::refuse);
  EXPECT_THAT(scene.route().advice_en, HasSubstr("no OpenPGP key"));
}

// --- routes

TEST(SchemeChoice, OneMessageGoesByBothSchemesAndInClear) {
  Scene scene;
  scene.signs().signs_openpgp().has_key(anna).has_openpgp_key(max).field("Cc: " + max + ", " + eva);
  const auto decision = scene.to({anna, max, eva}).decide();
  ASSERT_THAT(decision.routes, SizeIs(3));
  EXPECT_EQ(scheme_of(decision.routes[0]), "smime");
  EXPECT_EQ(scheme_of(decision.routes[1]), "openpgp");
  EXPECT_EQ(scheme_of(decision.routes[2]), "clear");
  EXPECT_TRUE(decision.routes[2].treatment.sign);
}

TEST(SchemeChoice, WhatIsSaidOfOneRecipientDoesNotPartItFromOthers) {
  Scene scene;
  scene.has_openpgp_key(anna).has_openpgp_key(max).field("Cc: " + max);
  with_certificate(scene, max, Provenance::dns);
  const auto decision = scene.to({anna, max}).decide();
  ASSERT_THAT(decision.routes, SizeIs(1));
  EXPECT_THAT(decision.routes[0].treatment.encrypt_to_openpgp, SizeIs(2));
  EXPECT_THAT(decision.routes[0].reason, HasSubstr("max@firma.example has keys of both schemes"));
}

TEST(SchemeChoice, FiftyRecipientsWithFiftyKeysAreOneMessage) {
  for (const bool is_openpgp : {true, false}) {
    Scene scene;
    std::vector<std::string> all;
    std::string named = "Cc: ";
    for (int i = 0; i < 50; ++i) {
      all.push_back("p" + std::to_string(i) + "@firma.example");
      named += all.back() + ", ";
      static_cast<void>(is_openpgp ? scene.has_openpgp_key(all.back()) : scene.has_key(all.back()));
    }
    const auto decision = scene.field(named + anna).to(all).decide();
    ASSERT_THAT(decision.routes, SizeIs(1));
    const auto& done = decision.routes[0].treatment;
    EXPECT_EQ(done.encrypt_to.size() + done.encrypt_to_openpgp.size(), 50U);
  }
}

TEST(SchemeChoice, AHiddenRecipientOfOpenPgpMailStaysAlone) {
  Scene scene;
  scene.has_openpgp_key(anna).has_openpgp_key(max);
  const auto decision = scene.to({anna, max}).decide();
  ASSERT_THAT(decision.routes, SizeIs(2));
  for (const Route& route : decision.routes)
    EXPECT_THAT(route.treatment.encrypt_to_openpgp, SizeIs(1));
  EXPECT_THAT(decision.routes[0].reason, Not(HasSubstr(max)));
}

TEST(SchemeChoice, AKeyOfAWholeDomainIsUsedOnceForAllOfIt) {
  Scene scene;
  const pki::OpenPgpPeer domain{
      address("*@firma.example"), openpgp_key("firma"), Provenance::admin, false, {}};
  scene.openpgp().peers = {{address(max), domain}, {address(eva), domain}};
  const auto decision = scene.field("Cc: " + max + ", " + eva).to({max, eva}).decide();
  ASSERT_THAT(decision.routes, SizeIs(1));
  EXPECT_THAT(decision.routes[0].treatment.encrypt_to_openpgp, SizeIs(1));
}

// --- what goes along

TEST(SchemeChoice, OutgoingMailOfAMailboxWithAKeyTellsItByAutocrypt) {
  Scene scene;
  EXPECT_TRUE(scene.signs_openpgp().route().treatment.autocrypt);
  scene.config.openpgp->autocrypt = false;
  EXPECT_FALSE(scene.route().treatment.autocrypt);
}

TEST(SchemeChoice, AClientsOwnAutocryptFieldIsLeftAlone) {
  Scene scene;
  scene.signs_openpgp().field("Autocrypt: addr=bauamt@stadt.example; keydata=AAAA");
  EXPECT_FALSE(scene.route().treatment.autocrypt);
}

TEST(SchemeChoice, ReportsTellNoKey) {
  Scene scene;
  scene.signs_openpgp().field("Content-Type: multipart/report; boundary=b");
  EXPECT_FALSE(scene.route().treatment.autocrypt);
}

TEST(SchemeChoice, HeaderFieldsAreProtectedWhereThereIsAWrapping) {
  Scene scene;
  EXPECT_FALSE(scene.route().treatment.protect_headers);
  EXPECT_TRUE(scene.signs_openpgp().route().treatment.protect_headers);
  scene.config.protect_headers = false;
  EXPECT_FALSE(scene.route().treatment.protect_headers);
}

TEST(SchemeChoice, TheSubjectIsHiddenOfEncryptedMailOnly) {
  Scene scene;
  scene.rule({.hide_subject = true}).signs();
  EXPECT_FALSE(scene.route().treatment.hide_subject);
  EXPECT_TRUE(scene.has_openpgp_key(anna).route().treatment.hide_subject);
}

}  // namespace
}  // namespace siegel::tests
