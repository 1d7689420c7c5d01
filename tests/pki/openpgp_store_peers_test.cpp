// OpenPGP keys of others in the database, with the real gpg.

#include <gmock/gmock.h>

#include "tests/pki/openpgp_store_fixture.h"

namespace siegel::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- peers

TEST_F(OpenPgpStoreTest, AKeyThatCameWithGoodMailIsUsedForTheReply) {
  const OpenPgpKey annas = key();
  EXPECT_EQ(learn(annas), Learned::added);
  EXPECT_EQ(last_event(), "peer-added anna@firma.example");
  EXPECT_THAT(usable(anna_), ElementsAre(annas.fingerprint()));
  EXPECT_EQ(learn(annas), Learned::unchanged);
  EXPECT_THAT(openpgp().peer_records(std::nullopt), SizeIs(1));
}

TEST_F(OpenPgpStoreTest, R34_AnotherKeyWaitsAndIsUsedOnceApproved) {
  const OpenPgpKey first = key(), second = key();
  learn(first);
  EXPECT_EQ(learn(second), Learned::pending);
  EXPECT_EQ(last_event(), "peer-pending anna@firma.example");
  EXPECT_THAT(usable(anna_), ElementsAre(first.fingerprint()));
  EXPECT_THAT(openpgp().known(anna_), SizeIs(2)) << "what waits still verifies";
  const auto records = openpgp().peer_records(anna_);
  clock_.advance(1h);
  EXPECT_TRUE(openpgp().approve_peer(records.back().id));
  EXPECT_THAT(usable(anna_), ElementsAre(second.fingerprint(), first.fingerprint()));
  EXPECT_FALSE(openpgp().approve_peer(77));
  EXPECT_TRUE(openpgp().forget_peer(records.front().id));
  EXPECT_FALSE(openpgp().forget_peer(records.front().id));
  EXPECT_THAT(usable(anna_), ElementsAre(second.fingerprint()));
}

TEST_F(OpenPgpStoreTest, R33_AnAdminsKeyStandsAboveWhatComesByMail) {
  const OpenPgpKey admins = key(), mails = key();
  openpgp().add_peer(anna_, admins, OpenPgpStore::Naming::demanded);
  EXPECT_EQ(learn(mails), Learned::ignored);
  EXPECT_EQ(learn(mails, Provenance::autocrypt), Learned::ignored);
  EXPECT_THAT(usable(anna_), ElementsAre(admins.fingerprint()));
}

TEST_F(OpenPgpStoreTest, R38_ADomainBringsSoManyNewKeysAnHour) {
  configure([](config::Config& config) { config.harvest.new_per_domain_and_hour = 1; });
  EXPECT_EQ(learn(key()), Learned::added);
  const auto berta = address("berta@firma.example");
  const auto from_berta = [&] {
    return openpgp().learn(
        {berta, key("berta@firma.example"), Provenance::autocrypt, true, clock_.now(), "m", "w"},
        clock_.now());
  };
  EXPECT_EQ(from_berta(), Learned::ignored);
  clock_.advance(2h);
  EXPECT_EQ(from_berta(), Learned::added);
}

TEST_F(OpenPgpStoreTest, R40_ARevocationEndsTheUseOfAPinnedKey) {
  const auto annas = pair();
  openpgp().add_peer(anna_, annas.key, OpenPgpStore::Naming::demanded);
  EXPECT_EQ(learn(theirs_.revoke(annas.secret, "lost"), Provenance::autocrypt), Learned::refreshed);
  EXPECT_EQ(last_event(), "peer-revoked anna@firma.example");
  EXPECT_THAT(usable(anna_), IsEmpty());
  EXPECT_TRUE(openpgp().peer_records(anna_).front().is_revoked);
  EXPECT_EQ(learn(annas.key), Learned::ignored) << "for good";
}

TEST_F(OpenPgpStoreTest, AProlongedPeerKeyIsTaken) {
  const auto annas = pair();
  learn(annas.key);
  clock_.advance(1h);
  EXPECT_EQ(learn(theirs_.prolong(annas.secret, one_day * 2000).key), Learned::refreshed);
  EXPECT_EQ(last_event(), "peer-changed anna@firma.example");
  clock_.advance(one_day * 1000);
  EXPECT_THAT(usable(anna_), ElementsAre(annas.key.fingerprint()));
}

TEST_F(OpenPgpStoreTest, WhatTheOperatorDoesNotWantIsNotLearned) {
  configure([](config::Config& config) { config.openpgp->autocrypt = false; });
  EXPECT_EQ(learn(key(), Provenance::autocrypt), Learned::ignored);
  configure([](config::Config& config) { config.harvest.enabled = false; });
  EXPECT_EQ(learn(key(), Provenance::harvested), Learned::ignored);
  EXPECT_EQ(learn(key(), Provenance::dns), Learned::added);
}

TEST_F(OpenPgpStoreTest, R33_AnAdminsKeyForTheDomainComesBeforeWhatASenderSaysOfHimself) {
  const OpenPgpKey gateways = key("gateway@elsewhere.example"), spoofed = key();
  openpgp().add_peer(address("*@firma.example"), gateways, OpenPgpStore::Naming::demanded);
  EXPECT_EQ(learn(spoofed, Provenance::autocrypt), Learned::added);
  EXPECT_THAT(usable(anna_), ElementsAre(gateways.fingerprint(), spoofed.fingerprint()));
}

TEST_F(OpenPgpStoreTest, WithinARankAKeyForAWholeDomainComesAfterThoseOfTheAddress) {
  const OpenPgpKey gateways = key("gateway@elsewhere.example"), annas = key();
  const auto everybody = address("*@firma.example");
  openpgp().add_peer(everybody, gateways, OpenPgpStore::Naming::demanded);
  EXPECT_THAT(usable(anna_), ElementsAre(gateways.fingerprint()));
  openpgp().add_peer(anna_, annas, OpenPgpStore::Naming::demanded);
  EXPECT_THAT(usable(anna_), ElementsAre(annas.fingerprint(), gateways.fingerprint()));
  EXPECT_THAT(usable(address("berta@firma.example")), ElementsAre(gateways.fingerprint()));
  EXPECT_THAT(usable(address("berta@sub.firma.example")), IsEmpty());
  EXPECT_THAT(openpgp().known(anna_), SizeIs(2));
}

TEST_F(OpenPgpStoreTest, OfAKeyForAWholeDomainANameOfThatDomainIsKept) {
  const GpgCommand gateway;
  const std::string id = gateway.make("Eva <eva@elsewhere.example>");
  gateway({"--quick-add-uid", id, "Post <post@firma.example>"});
  const auto read = theirs_.read(gateway.exported(id), {});
  ASSERT_THAT(read.keys, SizeIs(1));
  openpgp().add_peer(address("*@firma.example"), read.keys.front(), OpenPgpStore::Naming::demanded);
  const auto peers = openpgp().peers(anna_, clock_.now());
  ASSERT_THAT(peers, SizeIs(1));
  ASSERT_THAT(peers.front().key.user_ids, SizeIs(1));
  EXPECT_EQ(peers.front().key.user_ids.front().text, "Post <post@firma.example>");
}

TEST_F(OpenPgpStoreTest, AKeyThatCannotBeCutDownIsNotKeptWhole) {
  const GpgCommand gateway;
  const auto read = theirs_.read(gateway.exported(gateway.make("Firma GmbH")), {});
  ASSERT_THAT(read.keys, SizeIs(1));
  EXPECT_THAT(complaint_of([&] {
                openpgp().add_peer(address("*@firma.example"), read.keys.front(),
                                   OpenPgpStore::Naming::demanded);
              }),
              HasSubstr("--quick-add-uid"));
  OpenPgpKey misread = key("berta@firma.example");
  misread.user_ids.front().address = anna_;
  EXPECT_EQ(learn(misread), Learned::ignored);
  EXPECT_THAT(openpgp().peer_records(std::nullopt), IsEmpty());
}

TEST_F(OpenPgpStoreTest, AnAdminIsToldWhatNeverWouldBeUsed) {
  const auto annas = pair();
  const auto add = [&](const OpenPgpKey& key, const std::string& to) {
    return complaint_of(
        [&] { openpgp().add_peer(address(to), key, OpenPgpStore::Naming::demanded); });
  };
  EXPECT_THAT(add(annas.key, "berta@firma.example"), HasSubstr("--any-address"));
  EXPECT_THAT(add(theirs_.revoke(annas.secret, "lost"), "anna@firma.example"),
              HasSubstr("is revoked"));
  clock_.advance(one_day * 400);
  EXPECT_THAT(add(annas.key, "anna@firma.example"), HasSubstr("expired on"));
  clock_.set(soon());
  openpgp().add_peer(address("berta@firma.example"), annas.key, OpenPgpStore::Naming::waived);
  EXPECT_THAT(usable(address("berta@firma.example")), SizeIs(1));
}

TEST_F(OpenPgpStoreTest, R39_TheEndOfTheLastKeyIsToldOnce) {
  learn(key());
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), IsEmpty());
  clock_.advance(one_day * 400);
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), ElementsAre(anna_));
  EXPECT_EQ(last_event(), "peer-expired anna@firma.example");
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), IsEmpty());
}

TEST_F(OpenPgpStoreTest, R39_ACertificateThatIsLeftIsNoEnd) {
  learn(key());
  const auto end = to_unix(clock_.now() + one_day * 500);
  run("INSERT INTO peer (id, tenant, address, folded, domain, fingerprint, pem, chain, provenance, "
      "pending, aes_gcm, rsa_oaep, why, message_id, first_seen, last_seen, signing_time, "
      "usable_since, not_after, expiry_noted) VALUES (77, 'default', 'anna@firma.example', "
      "'anna@firma.example', 'firma.example', 'f', '', '', 'admin', 0, 0, 0, '', '', 0, 0, 0, 0, " +
      std::to_string(end) + ", 0)");
  clock_.advance(one_day * 400);
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), IsEmpty());
  clock_.advance(one_day * 200);
  EXPECT_THAT(store_.note_expired_peers(clock_.now()), ElementsAre(anna_));
}

TEST_F(OpenPgpStoreTest, OurOwnKeysAreKnownToo) {
  const auto made = make();
  const auto known = openpgp().known(bauamt_);
  ASSERT_THAT(known, SizeIs(1));
  EXPECT_EQ(known.front().key.fingerprint(), made.fingerprint);
}

}  // namespace
}  // namespace siegel::tests
