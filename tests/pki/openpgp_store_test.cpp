// OpenPGP keys in the database, with the real gpg.

#include "pki/openpgp_store.h"

#include <array>
#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sql.h"
#include "pki/openpgp_armour.h"
#include "pki/store.h"
#include "tests/pki/gpg_command.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using pki::Gpg;
using pki::Learned;
using pki::OpenPgpKey;
using pki::OpenPgpState;
using pki::OpenPgpStore;
using pki::Provenance;
using pki::Secret;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::chrono::hours one_day{24};
constexpr std::string_view entity = "Content-Type: text/plain\r\n\r\nGuten Tag\r\n";

Address address(const std::string& text) {
  return Address::parse(text).value();
}

std::shared_ptr<const config::Config> settings(const std::filesystem::path& directory) {
  auto config = std::make_shared<config::Config>();
  config->openpgp.emplace().directory = directory;
  return config;
}

pki::Seal seal(unsigned char octet = 7) {
  std::array<unsigned char, 32> key{};
  key.fill(octet);
  return pki::Seal(key);
}

/// gpg asks the real clock: ours goes with it, a little ahead.
Time soon() {
  return SystemClock().now() + 60s;
}

template <typename Work>
std::string complaint_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

/// A key store with OpenPGP, a mailbox, and somebody who has a gpg of her own.
class OpenPgpStoreTest : public ::testing::Test {
 protected:
  OpenPgpStoreTest() { store_.add_mailbox(bauamt_, "Bauamt"); }

  // --- what operators do

  pki::OwnOpenPgpKey make() { return openpgp().make(bauamt_, "Bauamt", Gpg::Kind::curve25519); }
  [[nodiscard]] OpenPgpStore& openpgp() { return *store_.openpgp_store(); }
  template <typename Change>
  void configure(Change change) {
    config::Config changed = *config_;
    change(changed);
    config_ = std::make_shared<const config::Config>(std::move(changed));
    store_.use(config_);
  }
  void run(const std::string& statement) {
    database_.write([&](Database::Session& session) { sql::run(session, statement); });
  }
  [[nodiscard]] std::string last_event() const {
    const auto events = store_.trust_events(1);
    return events.empty() ? "none" : events.front().action + ' ' + events.front().subject;
  }

  // --- what others have

  [[nodiscard]] Gpg::Pair pair(const std::string& of = "anna@firma.example") const {
    return theirs_.make(address(of), "Anna", Gpg::Kind::curve25519, one_day * 365);
  }
  [[nodiscard]] OpenPgpKey key(const std::string& of = "anna@firma.example") const {
    return pair(of).key;
  }

  // --- what mail does

  Learned learn(const OpenPgpKey& key, Provenance provenance = Provenance::harvested) {
    return openpgp().learn(
        {anna_, key, provenance, false, clock_.now(), "m-1", "signed by anna@firma.example"},
        clock_.now());
  }
  [[nodiscard]] std::vector<std::string> usable(const Address& of) {
    std::vector<std::string> found;
    for (const auto& peer : openpgp().peers(of, clock_.now()))
      found.push_back(peer.key.fingerprint());
    return found;
  }
  [[nodiscard]] std::string signer() {
    const auto key = openpgp().signer(bauamt_, clock_.now());
    return key ? key->fingerprint() : "none";
  }
  /// Encrypted to `key` by a stranger, opened by us.
  [[nodiscard]] std::string opened(const OpenPgpKey& key) {
    const std::array recipients{key};
    const Octets text{Blob{std::string(entity)}};
    return openpgp().gpg().decrypt(theirs_.encrypt(text, recipients, clock_.now()), {}).content;
  }

  Address bauamt_ = address("bauamt@stadt.example"), anna_ = address("anna@firma.example");
  TemporaryDirectory folder_, theirs_folder_;
  ManualClock clock_{soon()};
  Gpg theirs_{{theirs_folder_ / "gpg"}, {}};
  std::shared_ptr<const config::Config> config_ = settings(folder_ / "gpg");
  Database database_{"sqlite:" + (folder_ / "db").string()};
  pki::KeyStore store_{database_, seal(), config_, clock_};
};

TEST(OpenPgpStore, WhereOpenPgpIsNotSetUpThereIsNone) {
  const TemporaryDirectory folder;
  const ManualClock clock;
  Database database("sqlite:" + (folder / "db").string());
  const pki::KeyStore store(database, seal(), std::make_shared<const config::Config>(), clock);
  EXPECT_EQ(store.openpgp_store(), nullptr);
}

// --- our own keys

TEST_F(OpenPgpStoreTest, AKeyThatWasMadeSignsAndDecrypts) {
  const auto made = make();
  EXPECT_EQ(last_event(), "openpgp-key-made bauamt@stadt.example");
  EXPECT_EQ(made.algorithm, "ed25519");
  ASSERT_EQ(signer(), made.fingerprint);
  const OpenPgpKey key = *openpgp().own_encryption(bauamt_, clock_.now());
  EXPECT_TRUE(key.names(bauamt_, false));
  const auto signature = openpgp().gpg().sign(Octets{Blob{std::string(entity)}}, key);
  const std::array candidates{key};
  const auto seen = theirs_.verify(signature.armoured, entity, candidates);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen.front().outcome, pki::OpenPgpSignature::Outcome::good);
  EXPECT_EQ(opened(key), entity);
}

TEST_F(OpenPgpStoreTest, TheNewestSignsAndTheOldOneStillDecrypts) {
  const auto old = make();
  const OpenPgpKey old_key = *openpgp().own_encryption(bauamt_, clock_.now());
  run("UPDATE openpgp_key SET created = created - 5");  // gpg counts in seconds
  run("UPDATE change SET generation = generation + 1");
  const auto fresh = make();
  EXPECT_EQ(signer(), fresh.fingerprint);
  openpgp().retire(old.fingerprint);
  EXPECT_EQ(last_event(), "openpgp-key-retired bauamt@stadt.example");
  EXPECT_EQ(opened(old_key), entity);
  openpgp().retire(fresh.fingerprint);
  EXPECT_EQ(signer(), "none");
}

TEST_F(OpenPgpStoreTest, WhoCannotSignIsToldWhy) {
  const auto why = [&] { return openpgp().why_no_signer(bauamt_, clock_.now()); };
  EXPECT_EQ(why(), "no OpenPGP key is installed for bauamt@stadt.example");
  const auto made = make();
  EXPECT_EQ(why(), "");
  clock_.advance(one_day * 1200);
  EXPECT_THAT(why(), HasSubstr("expired on "));
  clock_.set(soon());
  openpgp().retire(made.fingerprint);
  EXPECT_THAT(why(), HasSubstr("was taken out of service"));
  openpgp().revoke(made.fingerprint, "moved");
  EXPECT_THAT(why(), HasSubstr("is revoked"));
}

TEST_F(OpenPgpStoreTest, ARevokedKeyIsPublishedAsSuchAndOnlyDecrypts) {
  const auto made = make();
  const OpenPgpKey before = *openpgp().own_encryption(bauamt_, clock_.now());
  openpgp().revoke(made.fingerprint, "the office was closed");
  EXPECT_EQ(last_event(), "openpgp-key-revoked bauamt@stadt.example");
  const auto kept = openpgp().own_keys_of(bauamt_);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_TRUE(kept.front().key.subkeys.front().is_revoked);
  EXPECT_EQ(kept.front().record.state, OpenPgpState::revoked);
  EXPECT_EQ(openpgp().own_encryption(bauamt_, clock_.now()), std::nullopt);
  EXPECT_EQ(opened(before), entity);
  EXPECT_THAT(complaint_of([&] { openpgp().retire(made.fingerprint); }),
              HasSubstr("revoked already"));
}

TEST_F(OpenPgpStoreTest, AProlongedKeyIsTheSameForLonger) {
  const auto made = make();
  configure([](config::Config& config) { config.openpgp->life = one_day * 2000; });
  const auto prolonged = openpgp().prolong(made.fingerprint);
  EXPECT_EQ(prolonged.fingerprint, made.fingerprint);
  EXPECT_GT(*prolonged.expires, *made.expires + one_day * 800);
  clock_.advance(one_day * 1500);
  EXPECT_EQ(signer(), made.fingerprint);
}

TEST_F(OpenPgpStoreTest, AnImportedKeyNamesItsMailboxOrIsRefused) {
  const auto theirs = pair("bauamt@stadt.example");
  const auto imported = openpgp().import(bauamt_, theirs.secret.octets(), Secret());
  EXPECT_EQ(last_event(), "openpgp-key-imported bauamt@stadt.example");
  EXPECT_EQ(signer(), imported.fingerprint);
  EXPECT_EQ(opened(theirs.key), entity);
  EXPECT_THAT(
      complaint_of([&] { (void)openpgp().import(bauamt_, pair().secret.octets(), Secret()); }),
      HasSubstr("--quick-add-uid"));
  EXPECT_THAT(complaint_of([&] { (void)openpgp().import(bauamt_, theirs.key.octets, Secret()); }),
              HasSubstr("--export-secret-keys"));
}

TEST_F(OpenPgpStoreTest, ARevokedKeyIsNotPutIntoServiceAgainByImport) {
  const auto theirs = pair("bauamt@stadt.example");
  const auto imported = openpgp().import(bauamt_, theirs.secret.octets(), Secret());
  openpgp().revoke(imported.fingerprint, "lost");
  EXPECT_THAT(
      complaint_of([&] { (void)openpgp().import(bauamt_, theirs.secret.octets(), Secret()); }),
      HasSubstr("is revoked; make another one"));
  EXPECT_EQ(signer(), "none");
  EXPECT_EQ(openpgp().own_keys().front().state, OpenPgpState::revoked);
}

TEST_F(OpenPgpStoreTest, AKeyIsForAMailboxOfOurs) {
  const auto nobody = address("nobody@stadt.example");
  EXPECT_THAT(complaint_of([&] { (void)openpgp().make(nobody, "", Gpg::Kind::curve25519); }),
              HasSubstr("siegel mailbox add nobody@stadt.example"));
  EXPECT_THAT(complaint_of([&] { openpgp().retire(std::string(40, 'A')); }),
              HasSubstr("siegel key list"));
}

TEST_F(OpenPgpStoreTest, WhatWasDestroyedIsGone) {
  const auto made = make();
  const OpenPgpKey key = *openpgp().own_encryption(bauamt_, clock_.now());
  EXPECT_EQ(opened(key), entity);
  openpgp().destroy(made.fingerprint, "retention is over");
  EXPECT_EQ(last_event(), "key-destroyed bauamt@stadt.example");
  EXPECT_THAT(openpgp().own_keys(), IsEmpty());
  EXPECT_EQ(opened(key), "");
}

TEST_F(OpenPgpStoreTest, WhatAnotherProcessDestroysDecryptsNoMore) {
  const auto made = make();
  const OpenPgpKey key = *openpgp().own_encryption(bauamt_, clock_.now());
  EXPECT_EQ(opened(key), entity);
  OpenPgpStore(database_, seal(), settings(folder_ / "cli"), clock_)
      .destroy(made.fingerprint, "retention is over");
  EXPECT_EQ(opened(key), "");
}

TEST_F(OpenPgpStoreTest, AnotherKeyEncryptionKeyOpensNothing) {
  (void)make();
  pki::KeyStore other(database_, seal(), settings(folder_ / "other"), clock_);
  const OpenPgpStore stranger(database_, seal(8), settings(folder_ / "stranger"), clock_);
  const OpenPgpKey key = *stranger.own_encryption(bauamt_, clock_.now());
  EXPECT_THAT(
      complaint_of([&] { (void)stranger.gpg().sign(Octets{Blob{std::string(entity)}}, key); }),
      HasSubstr("key-encryption key"));
  EXPECT_NO_THROW((void)other.openpgp_store()->gpg().sign(Octets{Blob{std::string(entity)}}, key));
}

TEST_F(OpenPgpStoreTest, ASealedKeyOpensInItsOwnRowOnly) {
  const auto one = make();
  const auto other = make();
  run("UPDATE openpgp_key SET sealed = (SELECT sealed FROM openpgp_key WHERE fingerprint = '" +
      one.fingerprint + "')");
  pki::KeyStore fresh(database_, seal(), settings(folder_ / "fresh"), clock_);
  const auto keys = fresh.openpgp_store()->own_keys_of(bauamt_);
  const auto moved =
      std::ranges::find(keys, other.fingerprint,
                        [](const pki::StoredOwnOpenPgp& own) { return own.record.fingerprint; });
  ASSERT_NE(moved, keys.end());
  EXPECT_NE(complaint_of([&] {
              (void)fresh.openpgp_store()->gpg().sign(Octets{Blob{std::string(entity)}},
                                                      moved->key);
            }),
            "none");
}

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

// --- several threads and processes, and what breaks

TEST_F(OpenPgpStoreTest, MoreThreadsThanSessionsLearnOneKeyOnceAndNoneWaitsForEver) {
  const OpenPgpKey annas = key();
  std::atomic<int> added = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 80; ++i)
    threads.emplace_back([&] { added += learn(annas) == Learned::added ? 1 : 0; });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(added, 1);
  EXPECT_THAT(usable(anna_), ElementsAre(annas.fingerprint()));
}

TEST_F(OpenPgpStoreTest, WhatAnotherProcessDoesIsSeenAtTheNextCall) {
  EXPECT_EQ(signer(), "none");
  EXPECT_THAT(usable(anna_), IsEmpty());
  const OpenPgpKey annas = key();
  Database same("sqlite:" + (folder_ / "db").string());
  pki::KeyStore cli(same, seal(), settings(folder_ / "cli"), clock_);
  const auto made = cli.openpgp_store()->make(bauamt_, "Bauamt", Gpg::Kind::curve25519);
  cli.openpgp_store()->add_peer(anna_, annas, OpenPgpStore::Naming::demanded);
  EXPECT_EQ(signer(), made.fingerprint);
  EXPECT_THAT(usable(anna_), ElementsAre(annas.fingerprint()));
  cli.openpgp_store()->retire(made.fingerprint);
  EXPECT_EQ(signer(), "none");
}

TEST_F(OpenPgpStoreTest, DamagedRowsArePassedOverAndTold) {
  const OpenPgpKey annas = key();
  learn(annas);
  learn(key());
  (void)make();
  const auto first = openpgp().peer_records(anna_).front().id;
  run("UPDATE openpgp_peer SET octets = 'AAAA' WHERE id = " + std::to_string(first));
  run("UPDATE openpgp_key SET octets = ''");
  run("UPDATE change SET generation = generation + 1");
  (void)store_.take_damaged();
  EXPECT_THAT(openpgp().known(anna_), SizeIs(1));
  EXPECT_THAT(store_.take_damaged(),
              ElementsAre(HasSubstr("table openpgp_peer, id " + std::to_string(first))));
  EXPECT_EQ(signer(), "none");
  EXPECT_THAT(store_.take_damaged(), ElementsAre(HasSubstr("table openpgp_key, fingerprint ")));
  // Who brings the key again makes the damaged row good.
  openpgp().add_peer(anna_, annas, OpenPgpStore::Naming::demanded);
  EXPECT_THAT(usable(anna_), ElementsAre(annas.fingerprint()));
}

/// What another process has for gpg to work in, and what it finds of Anna's keys.
class GpgInTrouble : public OpenPgpStoreTest {
 protected:
  GpgInTrouble() { learn(annas_); }

  [[nodiscard]] std::vector<std::string> found() {
    std::vector<std::string> fingerprints;
    for (const auto& peer : other_.openpgp_store()->peers(anna_, clock_.now()))
      fingerprints.push_back(peer.key.fingerprint());
    return fingerprints;
  }
  [[nodiscard]] std::optional<Fault> fault() {
    try {
      (void)found();
    } catch (const Error& error) {
      return error.fault();
    }
    return std::nullopt;
  }

  const std::filesystem::path directory_ = folder_ / "other";
  const OpenPgpKey annas_ = key();
  pki::KeyStore other_{database_, seal(), settings(directory_), clock_};
};

TEST_F(GpgInTrouble, IsNoMissingKeyAndIsNotRemembered) {
  (void)other_.openpgp_store()->gpg();
  std::filesystem::remove_all(directory_);
  std::ofstream(directory_) << "no directory";
  EXPECT_EQ(fault(), Fault::world);
  std::filesystem::remove(directory_);
  EXPECT_THAT(found(), ElementsAre(annas_.fingerprint()));
  EXPECT_THAT(store_.take_damaged(), IsEmpty());
}

TEST_F(GpgInTrouble, IsSeenEvenWhereGpgOnlyEndsItsListEarly) {
  (void)other_.openpgp_store()->gpg();
  for (const auto& home : std::filesystem::directory_iterator(directory_))
    std::ofstream(home.path() / "gpg.conf") << "trust-model nonsense\n";
  EXPECT_EQ(fault(), Fault::world);
  for (const auto& home : std::filesystem::directory_iterator(directory_))
    std::filesystem::remove(home.path() / "gpg.conf");
  EXPECT_THAT(found(), ElementsAre(annas_.fingerprint()));
}

TEST_F(GpgInTrouble, HidesNoKeyOfOursEither) {
  const auto made = make();
  (void)other_.openpgp_store()->gpg();
  std::filesystem::remove_all(directory_);
  std::ofstream(directory_) << "no directory";
  const auto signs = [&] { return other_.openpgp_store()->signer(bauamt_, clock_.now()); };
  EXPECT_THAT(complaint_of([&] { (void)signs(); }), HasSubstr("mkdir"));
  std::filesystem::remove(directory_);
  ASSERT_TRUE(signs());
  EXPECT_EQ(signs()->fingerprint(), made.fingerprint);
}

TEST_F(OpenPgpStoreTest, AnArmouredKeyIsReadByGpg) {
  const OpenPgpKey annas = key();
  const std::string text = pki::armoured_key(annas.octets);
  EXPECT_THAT(text, HasSubstr("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  const auto read = theirs_.read(text, {});
  ASSERT_THAT(read.keys, SizeIs(1));
  EXPECT_EQ(read.keys.front().octets, annas.octets);
}

}  // namespace
}  // namespace siegel::tests
