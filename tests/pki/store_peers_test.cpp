#include <gmock/gmock.h>

#include "tests/pki/store_fixture.h"

namespace siegel::tests {
namespace {

using pki::Provenance;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StorePeers : public StoreTest {
 protected:
  [[nodiscard]] Pair peer(const Wish& wish = {}) const { return issue(of_anna(wish)); }
  [[nodiscard]] Pair peer_of(const LocalCa& authority, const Wish& wish = {}) const {
    return issue_by(authority, of_anna(wish));
  }
  [[nodiscard]] std::int64_t id_of(const Pair& pair) const {
    for (const auto& record : store_.peer_records(address(anna))) {
      if (record.key.certificate == pair.certificate) return record.id;
    }
    return 0;
  }
  [[nodiscard]] std::size_t stored(const std::string& of = anna) const {
    return store_.peer_records(address(of)).size();
  }
  /// The list of our authority is past its time, and past all grace.
  void let_lists_go_stale() {
    store_.keep_crl(authority_.revoke({}, ++list_number_, clock_.now() - 30min, clock_.now() + 1h),
                    "test");
    clock_.advance(one_day * 3);
  }
  Learned learn_with(const Pair& pair, pki::Capabilities capabilities, Time signing_time) {
    auto from_mail = harvested(pair);
    from_mail.capabilities = capabilities;
    from_mail.signing_time = signing_time;
    return store_.learn(from_mail, clock_.now());
  }

 private:
  static Wish of_anna(Wish wish) {
    if (wish.address == bauamt) wish.address = anna;
    return wish;
  }
};

std::string id(const Pair& pair) {
  return pair.certificate.fingerprint();
}

// --- what is kept at all

TEST_F(StorePeers, R31_TrustedCertificateIsKeptWithItsStory) {
  const Pair pair = peer();
  EXPECT_EQ(learn(pair), Learned::added);
  EXPECT_THAT(usable(), ElementsAre(id(pair)));
  const auto record = store_.peer_records(address(anna)).front();
  EXPECT_EQ(record.message_id, "m-1");
  EXPECT_EQ(record.why, "signed by anna@firma.example");
  EXPECT_EQ(record.first_seen, clock_.now());
  EXPECT_EQ(last_event(), "peer-added anna@firma.example");
}

TEST_F(StorePeers, R31_UnknownRevocationStatusIsNotHarvested) {
  const LocalCa silent = new_authority("CA ohne Sperrliste");
  store_.add_anchor({silent.certificate(), config::RevocationMode::soft_fail, "test"});
  EXPECT_EQ(learn(peer_of(silent)), Learned::ignored);
  EXPECT_EQ(stored(), 0U);
}

TEST_F(StorePeers, R31_HarvestCanBeSwitchedOff) {
  configure([](auto& config) { config.harvest.enabled = false; });
  EXPECT_EQ(learn(peer()), Learned::ignored);
  EXPECT_EQ(stored(), 0U);
}

TEST_F(StorePeers, R32_UntrustedCertificateIsNeverKept) {
  EXPECT_EQ(learn(peer_of(new_authority("Fremde CA"))), Learned::ignored);
  EXPECT_EQ(stored(), 0U);
}

TEST_F(StorePeers, R32_SelfSignedCertificateIsNeverKept) {
  const LocalCa self = LocalCa::make("Firma", anna, pki::KeyType::p256, clock_.now() - one_day);
  EXPECT_EQ(learn({self.certificate(), self.key()}), Learned::ignored);
  EXPECT_EQ(stored(), 0U);
}

TEST_F(StorePeers, R31_CertificateOfAnotherAddressIsNotKept) {
  EXPECT_EQ(learn(peer(), "eva@firma.example"), Learned::ignored);
  EXPECT_THAT(usable("eva@firma.example"), IsEmpty());
}

TEST_F(StorePeers, IntermediateOfTheMessageIsKeptWithTheKey) {
  const LocalCa below =
      authority_.subordinate("Firmen-CA", pki::KeyType::p256, *parse_rfc3339("2025-02-01"));
  store_.add_intermediate(below.certificate());
  publish(below, {});
  const Pair pair = peer_of(below);
  auto from_mail = harvested(pair);
  from_mail.helpers = {below.certificate()};
  EXPECT_EQ(store_.learn(from_mail, clock_.now()), Learned::added);
  EXPECT_THAT(usable(), ElementsAre(id(pair)));
}

// --- ranks

TEST_F(StorePeers, R33_HarvestNeverReplacesWhatAnAdminAdded) {
  const Pair chosen = peer_of(new_authority("Fremde CA"));
  store_.add_peer(address(anna), chosen.certificate);
  EXPECT_EQ(learn(peer()), Learned::ignored);
  EXPECT_THAT(usable(), ElementsAre(id(chosen)));
}

TEST_F(StorePeers, R33_AdminKeyComesBeforeAnEarlierHarvest) {
  const Pair found = peer();
  const Pair chosen = peer({.age = one_day * 90});
  learn(found);
  store_.add_peer(address(anna), chosen.certificate);
  EXPECT_THAT(usable(), ElementsAre(id(chosen), id(found)));
  EXPECT_EQ(store_.peers(address(anna), clock_.now()).front().provenance, Provenance::admin);
}

TEST_F(StorePeers, R33_AdminMayPromoteAHarvestedKey) {
  const Pair pair = peer();
  learn(pair);
  store_.add_peer(address(anna), pair.certificate);
  EXPECT_EQ(stored(), 1U);
  EXPECT_EQ(store_.peer_records(address(anna)).front().key.provenance, Provenance::admin);
}

// --- pinning

TEST_F(StorePeers, R34_SameIssuerAndKindOfKeyIsAddedAndUsedFirst) {
  const Pair old = peer({.age = one_day * 100});
  const Pair young = peer();
  EXPECT_EQ(learn(old), Learned::added);
  clock_.advance(1h);
  EXPECT_EQ(learn(young), Learned::added);
  EXPECT_THAT(usable(), ElementsAre(id(young), id(old)));
}

TEST_F(StorePeers, R34_OtherIssuerWaitsForApproval) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  const Pair pinned = peer();
  const Pair changed = peer_of(other, {.age = one_day});
  learn(pinned);
  EXPECT_EQ(learn(changed), Learned::pending);
  EXPECT_EQ(last_event(), "peer-pending anna@firma.example");
  EXPECT_THAT(usable(), ElementsAre(id(pinned)));
  store_.approve_peer(id_of(changed));
  EXPECT_THAT(usable(), ::testing::UnorderedElementsAre(id(pinned), id(changed)));
}

TEST_F(StorePeers, R34_ApprovedKeyIsPreferredEvenIfItIsOlder) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  const Pair pinned = peer({.age = one_day * 10});
  const Pair changed = peer_of(other, {.age = one_day * 5});
  learn(pinned);
  learn(changed);
  clock_.advance(1h);
  store_.approve_peer(id_of(changed));
  EXPECT_EQ(usable().front(), id(changed));
}

TEST_F(StorePeers, R34_OtherKindOfKeyWaitsForApproval) {
  learn(peer());
  EXPECT_EQ(learn(peer({.age = one_day, .type = pki::KeyType::rsa_3072})), Learned::pending);
  EXPECT_EQ(usable().size(), 1U);
}

TEST_F(StorePeers, R34_PendingKeySeenAgainStaysPending) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  learn(peer());
  const Pair changed = peer_of(other, {.age = one_day});
  learn(changed);
  clock_.advance(one_day * 2);
  EXPECT_EQ(learn(changed), Learned::pending);
  EXPECT_EQ(stored(), 2U);
  EXPECT_EQ(usable().size(), 1U);
}

TEST_F(StorePeers, R34_PinOutlivesTheCertificate) {
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  learn(peer({.life = one_day * 11}));
  clock_.advance(one_day * 30);
  EXPECT_EQ(learn(peer_of(other)), Learned::pending);
  EXPECT_THAT(usable(), IsEmpty());
}

// --- fit for encryption

TEST_F(StorePeers, R35_SigningCertificateIsNoPeerKey) {
  EXPECT_EQ(learn(peer({.usage = Usage::sign})), Learned::ignored);
  EXPECT_EQ(stored(), 0U);
  const auto problem =
      error_of([&] { store_.add_peer(address(anna), peer({.usage = Usage::sign}).certificate); });
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->said(), HasSubstr("not for encrypting"));
}

// --- capabilities

TEST_F(StorePeers, R36_LaterSigningTimeWins) {
  const Pair pair = peer();
  learn_with(pair, {.aes_gcm = false, .rsa_oaep = false}, clock_.now() - 1h);
  EXPECT_EQ(learn_with(pair, {.aes_gcm = true, .rsa_oaep = true}, clock_.now()),
            Learned::refreshed);
  EXPECT_TRUE(store_.peers(address(anna), clock_.now()).front().capabilities.aes_gcm);
}

TEST_F(StorePeers, R36_AMessageThatSaysNothingTakesNothingAway) {
  const Pair pair = peer();
  learn_with(pair, {.aes_gcm = true, .rsa_oaep = true}, clock_.now() - 1h);
  auto silent = harvested(pair);
  silent.capabilities.reset();
  EXPECT_EQ(store_.learn(silent, clock_.now()), Learned::unchanged);
  EXPECT_TRUE(store_.peers(address(anna), clock_.now()).front().capabilities.aes_gcm);
}

TEST_F(StorePeers, R36_OlderMessageCannotTakeCapabilitiesAway) {
  const Pair pair = peer();
  learn_with(pair, {.aes_gcm = true, .rsa_oaep = true}, clock_.now());
  EXPECT_EQ(learn_with(pair, {}, clock_.now() - 1h), Learned::unchanged);
  EXPECT_TRUE(store_.peers(address(anna), clock_.now()).front().capabilities.aes_gcm);
}

// --- replay

TEST_F(StorePeers, R37_OlderMessageDoesNotInstallItsCertificate) {
  learn_with(peer({.age = one_day * 9}), {}, clock_.now());
  EXPECT_EQ(learn_with(peer(), {}, clock_.now() - 1h), Learned::ignored);
  EXPECT_EQ(stored(), 1U);
}

TEST_F(StorePeers, R37_OlderCertificateDoesNotReturn) {
  const Pair young = peer();
  learn(young);
  clock_.advance(1h);
  EXPECT_EQ(learn(peer({.age = one_day * 100})), Learned::ignored);
  EXPECT_THAT(usable(), ElementsAre(id(young)));
}

// --- limits

TEST_F(StorePeers, R38_AtMostFiveForAnAddress) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(learn(peer()), Learned::added) << i;
  EXPECT_EQ(learn(peer()), Learned::ignored);
  EXPECT_EQ(stored(), 5U);
}

TEST_F(StorePeers, R38_ExpiredOneMakesRoom) {
  const Pair brief = peer({.life = one_day * 11});
  learn(brief);
  for (int i = 0; i < 4; ++i) learn(peer());
  clock_.advance(one_day * 30);
  EXPECT_EQ(learn(peer()), Learned::added);
  EXPECT_EQ(stored(), 5U);
  EXPECT_EQ(id_of(brief), 0);
  EXPECT_EQ(store_.trust_events(2).back().action, "peer-dropped");
}

TEST_F(StorePeers, R38_WaitingOnesMakeRoomForWhatIsUsed) {
  configure([](auto& config) { config.harvest.certificates_per_address = 2; });
  const LocalCa other = new_authority("Andere CA");
  trust(other);
  learn(peer());
  learn(peer_of(other));
  EXPECT_EQ(learn(peer_of(other)), Learned::ignored);
  EXPECT_EQ(learn(peer()), Learned::added);
  EXPECT_EQ(usable().size(), 2U);
}

TEST_F(StorePeers, R38_DomainMayBringOnlySoManyAnHour) {
  configure([](auto& config) { config.harvest.new_per_domain_and_hour = 2; });
  const auto learn_from = [&](const std::string& from) {
    return learn(issue({.address = from}), from);
  };
  EXPECT_EQ(learn_from("a@firma.example"), Learned::added);
  EXPECT_EQ(learn_from("b@firma.example"), Learned::added);
  EXPECT_EQ(learn_from("c@firma.example"), Learned::ignored);
  EXPECT_EQ(learn_from("c@andere.example"), Learned::added);
  clock_.advance(1h + 1s);
  EXPECT_EQ(learn_from("c@firma.example"), Learned::added);
}

// --- loss of the last key

TEST_F(StorePeers, R39_ExpiryOfTheOnlyKeyIsAnEventOnce) {
  learn(peer({.life = one_day * 11}));
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), IsEmpty());
  clock_.advance(one_day * 2);
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), ElementsAre(address(anna)));
  EXPECT_EQ(last_event(), "peer-expired anna@firma.example");
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), IsEmpty());
}

TEST_F(StorePeers, R39_ExpiryIsNoEventWhileAnotherKeyIsLeft) {
  learn(peer({.life = one_day * 11}));
  learn(peer());
  clock_.advance(one_day * 2);
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), IsEmpty());
}

TEST_F(StorePeers, R39_ForgettingIsAnEvent) {
  const Pair pair = peer();
  learn(pair);
  EXPECT_TRUE(store_.forget_peer(id_of(pair)));
  EXPECT_EQ(last_event(), "peer-forgotten anna@firma.example");
  EXPECT_FALSE(store_.forget_peer(4711));
}

// --- never revoked, never expired

TEST_F(StorePeers, R40_RevokedCertificateIsNeverChosen) {
  const Pair pair = peer();
  learn(pair);
  publish(authority_, {pair.certificate});
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(StorePeers, R40_RevokedCertificateIsNeverChosenEvenIfPinned) {
  const Pair pair = peer();
  store_.add_peer(address(anna), pair.certificate);
  publish(authority_, {pair.certificate});
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(StorePeers, R40_RevokedCertificateWithoutAnchorIsNeverChosenEvenIfPinned) {
  const Pair pair = peer();
  store_.add_peer(address(anna), pair.certificate);
  publish(authority_, {pair.certificate});
  store_.remove_anchor(authority_.certificate().fingerprint());
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(StorePeers, R40_ExpiredCertificateIsNeverChosenEvenIfPinned) {
  store_.add_peer(address(anna), peer({.life = one_day * 11}).certificate);
  EXPECT_EQ(usable().size(), 1U);
  clock_.advance(one_day * 2);
  EXPECT_THAT(usable(), IsEmpty());
}

TEST_F(StorePeers, R40_HarvestedKeyIsLostWithItsAnchor) {
  learn(peer());
  store_.remove_anchor(authority_.certificate().fingerprint());
  EXPECT_THAT(usable(), IsEmpty());
}

// --- STANDARDS §5.4: unknown revocation status

TEST_F(StorePeers, UnknownStatusUnderHardFailIsATemporaryFailure) {
  learn(peer());
  let_lists_go_stale();
  const auto problem = error_of([&] { (void)usable(); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::world);
  EXPECT_THAT(problem->said(), HasSubstr("anna@firma.example"));
}

TEST_F(StorePeers, UnknownStatusUnderSoftFailIsUsed) {
  learn(peer());
  store_.add_anchor({authority_.certificate(), config::RevocationMode::soft_fail, "test"});
  let_lists_go_stale();
  EXPECT_EQ(usable().size(), 1U);
}

TEST_F(StorePeers, UnknownStatusDoesNotHideAnotherUsableKey) {
  const Pair chosen = peer_of(new_authority("Fremde CA"));
  learn(peer());
  store_.add_peer(address(anna), chosen.certificate);
  let_lists_go_stale();
  EXPECT_THAT(usable(), ElementsAre(id(chosen)));
}

// --- what costs nothing

TEST_F(StorePeers, SameCertificateAgainIsUnchangedForADay) {
  const Pair pair = peer();
  learn(pair);
  clock_.advance(1h);
  EXPECT_EQ(learn(pair), Learned::unchanged);
  clock_.advance(one_day);
  EXPECT_EQ(learn(pair), Learned::refreshed);
  EXPECT_EQ(store_.peer_records(address(anna)).front().last_seen, clock_.now());
}

TEST_F(StorePeers, AddressIsFoundInAnotherCaseOnlyIfSettingsFold) {
  learn(peer());
  EXPECT_EQ(usable("Anna@firma.example").size(), 1U);
  configure([](auto& config) { config.smime.fold_local_part = false; });
  EXPECT_THAT(usable("Anna@firma.example"), IsEmpty());
}

TEST_F(StorePeers, HostileTextsOfAMessageAreKeptPrintable) {
  const Pair pair = peer();
  auto from_mail = harvested(pair);
  from_mail.message_id = "<a\r\nb\x1b[31m@x>";
  store_.learn(from_mail, clock_.now());
  const auto record = store_.peer_records(address(anna)).front();
  EXPECT_EQ(record.message_id.find('\n'), std::string::npos);
  EXPECT_EQ(record.message_id.find('\x1b'), std::string::npos);
}

TEST_F(StorePeers, ApprovingWhatIsNotThereSaysSo) {
  const auto problem = error_of([&] { store_.approve_peer(4711); });
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->fault(), Fault::peer);
  EXPECT_THAT(problem->said(), HasSubstr("siegel peer list"));
}

TEST_F(StorePeers, NumbersAreNotGivenTwice) {
  const Pair first = peer();
  learn(first);
  const auto number = id_of(first);
  store_.forget_peer(number);
  const Pair second = peer();
  learn(second);
  EXPECT_GT(id_of(second), number);
}

}  // namespace
}  // namespace siegel::tests
