#include "gateway/relay/keyless.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/policy/decide.h"
#include "tests/crypt/smime_world.h"

namespace siegel::tests {
namespace {

using config::EncryptDemand;
using config::SchemeChoice;
using pki::Provenance;
using testing::ElementsAre;
using testing::IsEmpty;

const Address office = *Address::parse("bauamt@stadt.example");
const Address anna = *Address::parse("anna@buerger.example");

/// The office writes to anna.
class Keyless : public testing::Test {
 protected:
  Keyless() {
    config_.domains = {"stadt.example"};
    config_.postmaster = "postmaster@stadt.example";
    envelope_.side = config::Side::inside;
    envelope_.received = noon();
    envelope_.reverse_path = office;
    envelope_.recipients = {{anna}};
    ring_.openpgp.emplace();
  }

  void rule(EncryptDemand encrypt, SchemeChoice scheme = SchemeChoice::last_used) {
    config_.rules.outgoing.push_back({.encrypt = encrypt, .scheme = scheme});
  }
  void know_openpgp(Provenance provenance) {
    pki::OpenPgpKey key;
    key.octets = "a key";
    key.subkeys.emplace_back().fingerprint = std::string(40, 'A');
    const pki::OpenPgpPeer peer{anna, key, provenance, false, noon()};
    ring_.openpgp->peers.insert_or_assign(anna, peer);
  }
  void know_smime(Provenance provenance) {
    pki::PeerKey key = world().person(anna.str()).peer();
    key.provenance = provenance;
    ring_.peers.insert_or_assign(anna, key);
  }
  [[nodiscard]] std::vector<Address> found() const {
    return relay::keyless(config_, envelope_, letter_, ring_);
  }
  [[nodiscard]] policy::Decision decision() const {
    return policy::decide(config_, envelope_, letter_, {}, ring_);
  }

  config::Config config_;
  mail::Envelope envelope_;
  mail::Message letter_ = mail::Message::parse(
      Blob("From: <bauamt@stadt.example>\r\nTo: <anna@buerger.example>\r\n\r\nGuten Tag\r\n"));
  pki::Ring ring_;
};

TEST_F(Keyless, WhoHasAKeyIsNotLookedFor) {
  know_openpgp(Provenance::foreign_directory);
  EXPECT_THAT(found(), IsEmpty());
  ring_.openpgp.reset();
  know_smime(Provenance::harvested);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Keyless, AKeyOfASchemeThatTheRuleRulesOutIsNone) {
  rule(EncryptDemand::required, SchemeChoice::smime_only);
  know_openpgp(Provenance::admin);
  EXPECT_THAT(found(), ElementsAre(anna));
  EXPECT_THAT(relay::stranded(decision(), found()), ElementsAre(anna));
  know_smime(Provenance::harvested);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Keyless, TheSameTheOtherWayRound) {
  rule(EncryptDemand::required, SchemeChoice::openpgp_only);
  know_smime(Provenance::harvested);
  EXPECT_THAT(found(), ElementsAre(anna));
}

TEST_F(Keyless, AKeyThatIsPassedOverForItsOwnerDoesNotAskForEncryptionIsNone) {
  rule(EncryptDemand::if_possible);
  know_openpgp(Provenance::autocrypt);
  EXPECT_THAT(found(), ElementsAre(anna));
  EXPECT_THAT(relay::stranded(decision(), found()), IsEmpty()) << "it goes on without waiting";
}

TEST_F(Keyless, R33_APlantedKeyDoesNotKeepADirectoryFromBeingAsked) {
  rule(EncryptDemand::required);
  know_openpgp(Provenance::autocrypt);
  ASSERT_EQ(decision().routes.at(0).action, policy::Action::relay);
  EXPECT_THAT(found(), ElementsAre(anna));
  EXPECT_THAT(relay::stranded(decision(), found()), ElementsAre(anna));
}

TEST_F(Keyless, WhoIsWrittenToInClearAnyhowIsNotLookedFor) {
  rule(EncryptDemand::never);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Keyless, WhatItsSenderHasEncryptedDoesNotWait) {
  rule(EncryptDemand::required);
  policy::Verdict sealed;
  sealed.encrypted = true;
  const auto decided = policy::decide(config_, envelope_, letter_, sealed, ring_);
  ASSERT_EQ(decided.routes.at(0).action, policy::Action::relay);
  EXPECT_THAT(relay::stranded(decided, {anna}), IsEmpty());
}

}  // namespace
}  // namespace siegel::tests
