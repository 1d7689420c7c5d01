// The flow of one message with OpenPGP set up: a real gpg, a real database and a real spool, at the
// present time, for gpg has no other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/sql.h"
#include "gateway/crypt/autocrypt.h"
#include "gateway/crypt/transform.h"
#include "gateway/relay/intake.h"
#include "pki/openpgp_store.h"
#include "pki/store.h"
#include "tests/crypt/smime_world.h"
#include "tests/support/files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using config::EncryptDemand;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Address mailbox(const std::string& text) {
  return Address::parse(text).value();
}

const Address bauamt = mailbox("bauamt@stadt.example");
const Address anna = mailbox("anna@buerger.example");

Time present_time() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::shared_ptr<config::Config> city(const TemporaryDirectory& folder) {
  auto config = std::make_shared<config::Config>();
  config->name = "gateway.stadt.example";
  config->domains = {"stadt.example"};
  config->postmaster = "postmaster@stadt.example";
  config->openpgp.emplace().directory = folder / "gpg";
  return config;
}

std::string letter(const Address& from, const std::vector<Address>& to,
                   const std::string& more_fields = {}) {
  std::string text = "From: <" + from.str() + ">\r\nTo: ";
  for (const Address& each : to) text += "<" + each.str() + ">,\r\n ";
  return text + "x@stadt.example\r\n" + more_fields + "Subject: Antrag\r\n\r\nIhr Geheimnis\r\n";
}

class OpenPgpGateways : public testing::Test {
 protected:
  OpenPgpGateways()
      : config_(city(folder_)),
        current_(config_),
        // Keys that a test makes meanwhile have begun by then.
        clock_(present_time() + std::chrono::hours(1)),
        database_("sqlite:" + (folder_ / "siegel.db").string()),
        store_(database_, pki::Seal(std::array<unsigned char, 32>{}), config_, clock_),
        spool_(disk_, folder_ / "spool"),
        vault_(current_, clock_),
        offload_(current_, vault_, log_),
        pickup_(current_, store_, vault_, log_),
        intake_(current_, store_, spool_, {offload_, pickup_}, log_) {
    store_.add_mailbox(bauamt, "Bauamt");
  }

  [[nodiscard]] pki::OpenPgpStore& keys() { return *store_.openpgp_store(); }
  /// Somebody else's key.
  [[nodiscard]] pki::OpenPgpKey key_of(const Address& somebody) {
    return keys()
        .gpg()
        .make(somebody, "Somebody", pki::Gpg::Kind::curve25519, std::chrono::hours(1000))
        .key;
  }
  void change(void (*edit)(config::Config&)) {
    auto changed = std::make_shared<config::Config>(*config_);
    edit(*changed);
    current_.store(changed);
  }
  smtp::Reply accept(const Address& from, const std::vector<Address>& to,
                     const std::string& message) {
    mail::Envelope envelope;
    envelope.id = "m" + std::to_string(++count_);
    envelope.side = from == bauamt ? config::Side::inside : config::Side::world;
    envelope.client_ip = "192.0.2.1";
    envelope.client_helo = "client.example";
    envelope.received = clock_.now();
    envelope.reverse_path = from;
    for (const Address& each : to) envelope.recipients.push_back({each});
    return intake_.accept(envelope, Blob(message));
  }
  std::vector<std::string> spooled() {
    std::vector<std::string> messages;
    for (const spool::Item& item : spool_.list())
      messages.emplace_back(spool_.claim(item.id).value().message().view());
    return messages;
  }

  TemporaryDirectory folder_;
  std::shared_ptr<config::Config> config_;
  Current<config::Config> current_;
  ManualClock clock_;
  PosixDisk disk_;
  Log log_ = Log::to_file((folder_ / "log").string());
  Database database_;
  pki::KeyStore store_;
  spool::Spool spool_;
  relay::Vault vault_;
  relay::Offload offload_;
  relay::Pickup pickup_;
  relay::Intake intake_;
  int count_ = 1000;
};

/// With a key for the office.
class OpenPgpIntakes : public OpenPgpGateways {
 protected:
  OpenPgpIntakes() { keys().make(bauamt, "Bauamt", pki::Gpg::Kind::curve25519); }
};

/// Where its home should be lies a file; S/MIME is all right.
class IntakesWithoutGpg : public OpenPgpGateways {
 protected:
  IntakesWithoutGpg() {
    write_file(folder_ / "gpg", "not a directory");
    const World& trusted = present();
    store_.add_anchor({trusted.root().certificate(), config::RevocationMode::hard_fail, "root"});
    store_.add_intermediate(trusted.office().certificate());
    for (const pki::Crl& list : trusted.material().crls) store_.keep_crl(list, "test");
  }
  void repair() { std::filesystem::remove(folder_ / "gpg"); }
  /// As the client of `party` signs it by S/MIME, with a key in the field Autocrypt.
  std::string signed_by(const Party& party) const {
    const std::string field = "Autocrypt: addr=" + party.address.str() + "; keydata=AAAA\r\n";
    policy::Treatment treatment;
    treatment.sign = party.signer();
    mail::Envelope envelope;
    envelope.received = clock_.now();
    envelope.reverse_path = party.address;
    const auto plain = mail::Message::parse(Blob(letter(party.address, {bauamt}, field)));
    return std::string(
        crypt::transform(*config_, envelope, plain, {}, treatment, nullptr).join().view());
  }
  [[nodiscard]] std::string log() const { return read_file(folder_ / "log"); }
};

TEST_F(OpenPgpIntakes, MailToAPeerWithAKeyIsSpooledEncryptedAndTellsOurKey) {
  keys().add_peer(anna, key_of(anna), pki::OpenPgpStore::Naming::demanded);
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, {anna})).code, 250);
  ASSERT_THAT(spooled(), SizeIs(1));
  EXPECT_THAT(spooled()[0], HasSubstr("multipart/encrypted"));
  EXPECT_THAT(spooled()[0], Not(HasSubstr("Geheimnis")));
  EXPECT_THAT(spooled()[0], HasSubstr("\r\nAutocrypt: addr=bauamt@stadt.example;"));
}

TEST_F(OpenPgpIntakes, FiftyRecipientsWithFiftyKeysAreBuiltOnce) {
  std::vector<Address> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(mailbox("p" + std::to_string(i) + "@firma.example"));
    keys().add_peer(all.back(), key_of(all.back()), pki::OpenPgpStore::Naming::demanded);
  }
  EXPECT_EQ(accept(bauamt, all, letter(bauamt, all)).code, 250);
  EXPECT_THAT(spooled(), SizeIs(1));
}

TEST_F(OpenPgpIntakes, AutocryptIsLearnedAndAskedForRepliesAreEncrypted) {
  const std::string field = crypt::autocrypt::make_field(anna, key_of(anna));
  EXPECT_EQ(accept(anna, {bauamt}, letter(anna, {bauamt}, field)).code, 250);
  ASSERT_THAT(keys().peer_records(anna), SizeIs(1));
  EXPECT_EQ(keys().peer_records(anna)[0].provenance, pki::Provenance::autocrypt);
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, {anna})).code, 250);
  EXPECT_THAT(spooled().back(), HasSubstr("multipart/encrypted"));
}

TEST_F(OpenPgpIntakes, WhereAutocryptIsOffItIsNeitherLearnedNorTold) {
  change([](config::Config& config) { config.openpgp->autocrypt = false; });
  const std::string field = crypt::autocrypt::make_field(anna, key_of(anna));
  EXPECT_EQ(accept(anna, {bauamt}, letter(anna, {bauamt}, field)).code, 250);
  EXPECT_THAT(keys().peer_records(anna), IsEmpty());
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, {anna})).code, 250);
  EXPECT_THAT(spooled().back(), Not(HasSubstr("Autocrypt")));
}

TEST_F(OpenPgpIntakes, R31_WhereNothingIsHarvestedNothingIsLearned) {
  change([](config::Config& config) { config.harvest.enabled = false; });
  const std::string field = crypt::autocrypt::make_field(anna, key_of(anna));
  EXPECT_EQ(accept(anna, {bauamt}, letter(anna, {bauamt}, field)).code, 250);
  EXPECT_THAT(keys().peer_records(anna), IsEmpty());
}

TEST_F(OpenPgpIntakes, R33_NobodyOutsideTellsTheKeysOfOurOwnMailboxes) {
  const Address leitung = mailbox("leitung@stadt.example");
  const std::string field = crypt::autocrypt::make_field(leitung, key_of(leitung));
  EXPECT_EQ(accept(leitung, {bauamt}, letter(leitung, {bauamt}, field)).code, 250);
  EXPECT_THAT(keys().peer_records(leitung), IsEmpty());
}

TEST_F(OpenPgpIntakes, MailPassesWhoseKeyCannotBeKept) {
  const std::string field = crypt::autocrypt::make_field(anna, key_of(anna));
  database_.write([](Database::Session& session) { sql::run(session, "DROP TABLE openpgp_peer"); });
  EXPECT_EQ(accept(anna, {bauamt}, letter(anna, {bauamt}, field)).code, 250);
  EXPECT_THAT(read_file(folder_ / "log"), HasSubstr("event=harvest_failed"));
}

TEST_F(IntakesWithoutGpg, SmimeMailPassesWhateverItsFieldAutocryptSays) {
  const Party peer = present().person(anna.str());
  EXPECT_EQ(accept(anna, {bauamt}, signed_by(peer)).code, 250);
  EXPECT_THAT(spooled().at(0), HasSubstr("X-Siegel-Verdict: good"));
  EXPECT_THAT(store_.peer_records(anna), SizeIs(1)) << "S/MIME keys are learned all the same";
  EXPECT_THAT(log(), HasSubstr("event=harvest_failed"));
}

TEST_F(IntakesWithoutGpg, WhereAutocryptIsOffNobodyEvenTries) {
  change([](config::Config& config) { config.openpgp->autocrypt = false; });
  const std::string field = "Autocrypt: addr=anna@buerger.example; keydata=AAAA\r\n";
  EXPECT_EQ(accept(anna, {bauamt}, letter(anna, {bauamt}, field)).code, 250);
  EXPECT_THAT(log(), Not(HasSubstr("event=harvest_failed")));
}

TEST_F(IntakesWithoutGpg, MailThatLeavesWithoutOpenPgpPasses) {
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, {anna})).code, 250);
}

TEST_F(IntakesWithoutGpg, OpenPgpMailWaitsUntilItIsRepaired) {
  const std::string text =
      "From: <anna@buerger.example>\r\nTo: <bauamt@stadt.example>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/signed; protocol=\"application/pgp-signature\";\r\n"
      " micalg=pgp-sha512; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nGuten "
      "Tag\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ngarbage\r\n--b--\r\n";
  EXPECT_THROW(accept(anna, {bauamt}, text), Error);
  EXPECT_THAT(spooled(), IsEmpty());
  repair();
  EXPECT_EQ(accept(anna, {bauamt}, text).code, 250);
}

TEST_F(IntakesWithoutGpg, R39_AKeyThatCannotBeReadNowIsNotNone) {
  repair();
  keys().add_peer(anna, key_of(anna), pki::OpenPgpStore::Naming::demanded);
  write_file(folder_ / "file", "not a directory");
  auto broken = std::make_shared<config::Config>(*config_);
  broken->openpgp->directory = folder_ / "file";
  pki::KeyStore restarted(database_, pki::Seal(std::array<unsigned char, 32>{}), broken, clock_);
  EXPECT_THROW(static_cast<void>(restarted.openpgp()->peers(anna, clock_.now())), Error);
}

TEST_F(OpenPgpIntakes, R39_WhatMustBeEncryptedAndHasNoKeyOfAllowedSchemeIsRefused) {
  keys().add_peer(anna, key_of(anna), pki::OpenPgpStore::Naming::demanded);
  change([](config::Config& config) {
    config.rules.outgoing.push_back(
        {.encrypt = EncryptDemand::required, .scheme = config::SchemeChoice::smime_only});
  });
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, {anna})).code, 550);
  EXPECT_THAT(spooled(), IsEmpty());
}

TEST_F(OpenPgpIntakes, PickupIsAnnouncedSignedByAMailboxThatHasOnlyAnOpenPgpKey) {
  auto changed = std::make_shared<config::Config>(*config_);
  changed->transfer.emplace().url = "https://dateien.stadt.example";
  changed->transfer->directory = folder_ / "transfer";
  changed->transfer->key = folder_ / "transfer-kek";
  std::filesystem::create_directory(changed->transfer->directory);
  pki::Seal::make_file(changed->transfer->key);
  changed->rules.outgoing.push_back(
      {.encrypt = EncryptDemand::required, .without_key = config::WithoutKey::pickup});
  current_.store(changed);
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, {anna})).code, 250);
  const auto notices = spooled();
  ASSERT_THAT(notices, SizeIs(2));
  for (const std::string& notice : notices) {
    EXPECT_THAT(notice, HasSubstr("protocol=\"application/pgp-signature\""));
    EXPECT_THAT(notice, HasSubstr("-----BEGIN PGP SIGNATURE-----"));
    EXPECT_THAT(notice, Not(HasSubstr("Geheimnis")));
  }
}

}  // namespace
}  // namespace siegel::tests
