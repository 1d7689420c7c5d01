// Our own OpenPGP keys in the database, with the real gpg; several threads and processes, and what
// breaks.

#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "pki/openpgp_armour.h"
#include "tests/pki/openpgp_store_fixture.h"

namespace siegel::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

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
