// The flow of one message with real keys, a real database and a real spool; only time stands still.

#include "gateway/relay/intake.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "gateway/crypt/transform.h"
#include "gateway/transfer/spoken_code.h"
#include "pki/store.h"
#include "tests/crypt/smime_world.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string bauamt = "bauamt@stadt.example";
const std::string anna = "anna@buerger.example";

std::shared_ptr<config::Config> city() {
  auto config = std::make_shared<config::Config>();
  config->name = "gateway.stadt.example";
  config->domains = {"stadt.example"};
  config->postmaster = "postmaster@stadt.example";
  return config;
}

std::string letter(const std::string& from, const std::string& to,
                   const std::string& text = "Guten Tag\r\n") {
  return "From: <" + from + ">\r\nTo: <" + to + ">\r\nSubject: Antrag\r\n\r\n" + text;
}

mail::Envelope envelope(const std::string& from, const std::vector<std::string>& to) {
  mail::Envelope made;
  static int number = 1000;  // the spool lists what arrived at the same time by its ids
  made.id = "m" + std::to_string(++number);
  made.side = from.ends_with("@stadt.example") ? config::Side::inside : config::Side::world;
  made.client_ip = "192.0.2.1";
  made.client_helo = "client.example";
  made.received = noon();
  made.reverse_path = Address::parse(from);
  for (const std::string& each : to) made.recipients.push_back({*Address::parse(each)});
  return made;
}

/// The message as its sender's own client signs it.
std::string signed_by(const Party& party, const std::string& message) {
  policy::Treatment treatment;
  treatment.sign = party.signer();
  const auto received = mail::Message::parse(Blob(message));
  const auto out = envelope(party.address.str(), {bauamt});
  return std::string(
      crypt::transform(*city(), out, received, {}, treatment, nullptr).join().view());
}

class Intakes : public testing::Test {
 protected:
  Intakes()
      : config_(city()),
        current_(config_),
        clock_(noon()),
        database_("sqlite:" + (folder_ / "siegel.db").string()),
        store_(database_, pki::Seal(std::array<unsigned char, 32>{}), config_, clock_),
        spool_(disk_, folder_ / "spool"),
        vault_(current_, clock_),
        offload_(current_, vault_, log_),
        pickup_(current_, store_, vault_, log_),
        intake_(current_, store_, spool_, {offload_, pickup_}, log_) {
    store_.add_anchor({world().root().certificate(), config::RevocationMode::hard_fail, "root"});
    store_.add_intermediate(world().office().certificate());
    for (const pki::Crl& list : world().material().crls) store_.keep_crl(list, "test");
  }

  void enrol(const std::string& mailbox) {
    const Party party = world().person(mailbox);
    store_.add_mailbox(party.address, "Amt");
    ASSERT_EQ(store_.import(party.address, {{party.certificate}, {party.key}}).installed.size(),
              1U);
  }
  void rule(config::OutgoingRule added) {
    auto changed = std::make_shared<config::Config>(*config_);
    changed->rules.outgoing.push_back(std::move(added));
    current_.store(changed);
  }
  smtp::Reply accept(const std::string& from, const std::vector<std::string>& to,
                     const std::string& message) {
    return intake_.accept(envelope(from, to), Blob(message));
  }
  /// What lies in the spool, item by item.
  std::vector<std::string> spooled() {
    std::vector<std::string> messages;
    for (const spool::Item& item : spool_.list()) {
      const auto claim = spool_.claim(item.id);
      messages.emplace_back(claim.value().message().view());
    }
    return messages;
  }

  TemporaryDirectory folder_;
  std::shared_ptr<config::Config> config_;
  Current<config::Config> current_;
  ManualClock clock_;
  PosixDisk disk_;
  Log log_ = Log::none();
  Database database_;
  pki::KeyStore store_;
  spool::Spool spool_;
  relay::Vault vault_;
  relay::Offload offload_;
  relay::Pickup pickup_;
  relay::Intake intake_;
};

TEST_F(Intakes, MailOfAMailboxIsSpooledSigned) {
  enrol(bauamt);
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, anna)).code, 250);
  ASSERT_EQ(spooled().size(), 1U);
  EXPECT_THAT(spooled().front(), HasSubstr("multipart/signed"));
}

TEST_F(Intakes, MailOfAMailboxWithoutACertificateGoesAsItIs) {
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, anna)).code, 250);
  EXPECT_THAT(spooled().front(), testing::EndsWith(letter(bauamt, anna)));
}

TEST_F(Intakes, AGoodSignatureIsRememberedAndTheReplyIsEncrypted) {
  enrol(bauamt);
  const Party peer = world().person(anna);
  EXPECT_EQ(accept(anna, {bauamt}, signed_by(peer, letter(anna, bauamt))).code, 250);
  EXPECT_THAT(spooled().front(), HasSubstr("X-Siegel-Verdict: good"));
  EXPECT_EQ(accept(bauamt, {anna}, letter(bauamt, anna, "Ihr Geheimnis\r\n")).code, 250);
  const auto reply = spooled().back();
  EXPECT_THAT(reply, HasSubstr("application/pkcs7-mime"));
  EXPECT_THAT(reply, Not(HasSubstr("Geheimnis")));
}

/// A certificate that says where its status can be asked for.
Party with_responder(const Party& party) {
  Party changed = party;
  changed.certificate = altered(party.certificate, [](X509* x509) {
    const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(
        nullptr, nullptr, NID_info_access, "OCSP;URI:http://ocsp.pki.example/"));
    X509_add_ext(x509, extension.get(), -1);
  });
  return changed;
}

TEST_F(Intakes, R30_AnUnknownStatusIsNotedForTheHousekeeperAndNobodyIsAsked) {
  database_.write([](Database::Session& session) {
    session << "DELETE FROM crl", Poco::Data::Keywords::now;
    session << "UPDATE change SET generation = generation + 1", Poco::Data::Keywords::now;
  });
  auto changed = std::make_shared<config::Config>(*config_);
  changed->revocation.hosts = {{"ocsp.pki.example", 80}};
  store_.use(changed);
  const Party peer = with_responder(world().person(anna));
  EXPECT_EQ(accept(anna, {bauamt}, signed_by(peer, letter(anna, bauamt))).code, 250);
  EXPECT_THAT(spooled().front(), HasSubstr("X-Siegel-Verdict: unchecked"));
  ASSERT_EQ(store_.wanted_statuses().size(), 1U);
  EXPECT_EQ(store_.wanted_statuses().front().need.certificate, peer.certificate);
}

TEST_F(Intakes, R31_AForgedSignatureIsNotRemembered) {
  const Party peer = world().person(anna);
  std::string forged = signed_by(peer, letter(anna, bauamt));
  forged.replace(forged.find("Guten"), 5, "Boese");
  EXPECT_EQ(accept(anna, {bauamt}, forged).code, 250);
  EXPECT_THAT(spooled().front(), HasSubstr("X-Siegel-Verdict: bad"));
  EXPECT_TRUE(store_.peer_records(std::nullopt).empty());
}

TEST_F(Intakes, R33_NobodyOutsideTellsTheKeysOfOurOwnMailboxes) {
  const Party chief = world().person("leitung@stadt.example");
  mail::Envelope from_outside = envelope(chief.address.str(), {bauamt});
  from_outside.side = config::Side::world;
  const std::string text = signed_by(chief, letter(chief.address.str(), bauamt));
  EXPECT_EQ(intake_.accept(from_outside, Blob(text)).code, 250);
  EXPECT_THAT(spooled().front(), HasSubstr("X-Siegel-Verdict: good"));
  EXPECT_THAT(store_.peer_records(chief.address), testing::IsEmpty());
}

TEST_F(Intakes, R17_ABodyThatDrawsAMarkOfItsOwnGetsNone) {
  EXPECT_EQ(
      accept(anna, {bauamt}, letter(anna, bauamt, "X-Siegel-Verdict: good\r\n[signiert]\r\n")).code,
      250);
  EXPECT_THAT(spooled().front(), HasSubstr("X-Siegel-Verdict: none"));
  EXPECT_THAT(spooled().front(), HasSubstr("Subject: Antrag"));
}

TEST_F(Intakes, R39_ARefusalNamesTheRecipientInTwoLanguagesAndNothingIsSentToAnybody) {
  rule({.to = AddressPattern::parse(anna), .encrypt = config::EncryptDemand::required});
  const smtp::Reply reply = accept(bauamt, {"max@firma.example", anna}, letter(bauamt, anna));
  EXPECT_EQ(reply.code, 550);
  EXPECT_THAT(reply.str(), HasSubstr(anna));
  EXPECT_THAT(reply.str(), HasSubstr("verschluesselt"));
  EXPECT_THAT(reply.str(), HasSubstr("encrypted"));
  EXPECT_TRUE(spool_.list().empty());
}

TEST_F(Intakes, R51_AMessageThatLoopsIsRefused) {
  std::string hops;
  for (int i = 0; i < 101; ++i) hops += "Received: from a by b; Mon, 1 Jun 2026 12:00:00 +0000\r\n";
  EXPECT_EQ(accept(anna, {bauamt}, hops + letter(anna, bauamt)).code, 554);
  EXPECT_TRUE(spool_.list().empty());
}

TEST_F(Intakes, R47_AMessageOverTheLimitsIsRefusedAsAWhole) {
  const smtp::Reply large =
      accept(anna, {bauamt}, "X-Fill: " + std::string(70'000, 'x') + "\r\n" + letter(anna, bauamt));
  EXPECT_THAT(large.str(), testing::StartsWith("552 5.3.4 "));
  EXPECT_THAT(large.str(), HasSubstr("zu lang"));
  std::string parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 1500; ++i) parts += "--b\r\n\r\nx\r\n";
  for (const auto& [from, to] : {std::pair(anna, bauamt), std::pair(bauamt, anna)}) {
    const smtp::Reply complex =
        accept(from, {to}, "From: <" + from + ">\r\n" + parts + "--b--\r\n");
    EXPECT_THAT(complex.str(), testing::StartsWith("554 5.6.0 "));
    EXPECT_THAT(complex.str(), HasSubstr("too many parts"));
  }
  EXPECT_TRUE(spool_.list().empty());
}

TEST_F(Intakes, RecipientsOnBothSidesGoTheirWaysSeparately) {
  EXPECT_EQ(accept(bauamt, {anna, "kollege@stadt.example"}, letter(bauamt, anna)).code, 250);
  const auto items = spool_.list();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_NE(items[0].consignment.towards, items[1].consignment.towards);
}

TEST_F(Intakes, WhatCannotBeParsedIsRelayedWithAVerdictOfItsOwn) {
  const std::string garbage = "\x01\x02 no header at all";
  EXPECT_EQ(accept(anna, {bauamt}, garbage).code, 250);
  EXPECT_THAT(spooled().front(), HasSubstr(garbage));
  EXPECT_THAT(spooled().front(), HasSubstr("X-Siegel-Verdict: none"));
}

// --- pickup

class PickupIntakes : public Intakes {
 protected:
  PickupIntakes() {
    auto changed = std::make_shared<config::Config>(*config_);
    changed->transfer.emplace();
    changed->transfer->url = "https://dateien.stadt.example";
    changed->transfer->directory = folder_ / "transfer";
    changed->transfer->key = folder_ / "transfer-kek";
    changed->transfer->look.name = "Stadt Beispiel";
    std::filesystem::create_directory(changed->transfer->directory);
    pki::Seal::make_file(changed->transfer->key);
    changed->rules.outgoing.push_back({.subject_tag = "vertraulich",
                                       .encrypt = config::EncryptDemand::required,
                                       .without_key = config::WithoutKey::pickup});
    config_ = changed;
    current_.store(config_);
  }
  static std::string confidential(const std::string& to, const std::string& more = {}) {
    return more + "Bcc: geheim@stadt.example\r\nFrom: <" + bauamt + ">\r\nTo: <" + to +
           ">\r\nSubject: [vertraulich] Antrag\r\n\r\nDas Geheimnis\r\n";
  }
  /// The texts of the spooled mails, decoded as far as they are quoted-printable.
  std::string told() {
    std::string all;
    for (const std::string& mail : spooled()) {
      const auto message = mail::Message::parse(Blob(std::string(mail)));
      all += message.octets();
      collect(message.top(), all);
    }
    return all;
  }
  static void collect(const mail::Entity& entity, std::string& all) {
    if (entity.parts.empty()) all += entity.decoded_body();
    for (const mail::Entity& part : entity.parts) collect(part, all);
  }
  transfer::LinkSecret link_in(const std::string& text) {
    const std::string prefix = "https://dateien.stadt.example/m/";
    const auto at = text.find(prefix);
    EXPECT_NE(at, std::string::npos) << text;
    return transfer::LinkSecret::parse(text.substr(at + prefix.size(), 43)).value();
  }
  std::size_t files_in_vault() {
    return transfer::Storage(*config_->transfer, clock_).files.list().size();
  }
};

TEST_F(PickupIntakes, R39_WithoutAKeyTheMessageIsSealedAndEverybodyIsTold) {
  enrol(bauamt);
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
  const auto items = spool_.list();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].consignment.towards, config::Side::world);
  EXPECT_EQ(items[1].consignment.towards, config::Side::inside);
  EXPECT_EQ(items[1].consignment.envelope.recipients.front().address.str(), bauamt);
  for (const std::string& mail : spooled()) {
    EXPECT_THAT(mail, HasSubstr("multipart/signed"));
    EXPECT_THAT(mail, Not(HasSubstr("Geheimnis")));
    EXPECT_THAT(mail, Not(HasSubstr("Antrag")));
  }
  transfer::Storage storage(*config_->transfer, clock_);
  const auto secret = link_in(told());
  const auto visit = storage.links.visit(secret).value();
  EXPECT_TRUE(visit.needs_password);
  EXPECT_EQ(visit.recipient, anna);
  EXPECT_EQ(visit.parcel.origin, transfer::Origin::pickup);
  EXPECT_EQ(visit.parcel.owner.str(), bauamt);
}

TEST_F(PickupIntakes, R06_NoReportOnItQuotesAnything) {
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
  for (const spool::Item& item : spool_.list()) EXPECT_TRUE(item.consignment.confidential);
}

TEST_F(PickupIntakes, WhatLiesThereIsWhatWouldHaveLeft) {
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna, "X-Siegel-Encrypt: yes\r\n")).code, 250);
  transfer::Storage storage(*config_->transfer, clock_);
  const std::string all = told();
  const auto at = all.find(anna + ": ");
  ASSERT_NE(at, std::string::npos);
  const auto secret = link_in(all);
  const auto visit = storage.links.visit(secret).value();
  const auto key = storage.links.unlock(
      visit, secret, pki::Secret(transfer::bare_code(all.substr(at + anna.size() + 2, 19))),
      config_->transfer->limits);
  ASSERT_TRUE(std::holds_alternative<pki::Secret>(key));
  const auto& file = visit.parcel.files.at(0);
  const auto file_key = storage.parcels.file_key(visit.parcel, file, std::get<pki::Secret>(key));
  transfer::SealedReader reader(storage.files, {file.id, file_key, file.octets});
  const std::string octets(reader.read(0));
  EXPECT_THAT(octets, testing::StartsWith("Received: "));
  EXPECT_THAT(octets, testing::EndsWith("Subject: Antrag\r\n\r\nDas Geheimnis\r\n"));
  EXPECT_THAT(octets, Not(HasSubstr("Bcc")));
  EXPECT_THAT(octets, Not(HasSubstr("X-Siegel")));
}

TEST_F(PickupIntakes, WhoHasAKeyGetsItEncryptedBesides) {
  enrol(bauamt);
  const Party peer = world().person(anna);
  EXPECT_EQ(accept(anna, {bauamt}, signed_by(peer, letter(anna, bauamt))).code, 250);
  const std::size_t before = spool_.list().size();
  EXPECT_EQ(accept(bauamt, {anna, "max@firma.example"}, confidential(anna)).code, 250);
  EXPECT_EQ(spool_.list().size(), before + 3);
  EXPECT_THAT(told(), HasSubstr("application/pkcs7-mime"));
  EXPECT_THAT(told(), Not(HasSubstr("Geheimnis")));
}

TEST_F(PickupIntakes, OfWhatTheSpoolDoesNotTakeNothingStays) {
  std::filesystem::remove_all(folder_ / "spool" / "incoming");
  std::filesystem::remove_all(folder_ / "spool" / "queue");
  EXPECT_ANY_THROW(accept(bauamt, {anna}, confidential(anna)));
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(transfer::Storage(*config_->transfer, clock_).parcels.all(10).empty());
}

TEST_F(PickupIntakes, MoreRecipientsThanATransferMayHaveAreRefusedWithAdvice) {
  auto changed = std::make_shared<config::Config>(*config_);
  changed->transfer->limits.recipients = 1;
  current_.store(changed);
  try {
    static_cast<void>(accept(bauamt, {anna, "max@firma.example"}, confidential(anna)));
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer);
    EXPECT_THAT(error.said(), HasSubstr("transfer.limits.recipients"));
    EXPECT_THAT(error.said(), HasSubstr("höchstens 1"));
  }
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(spool_.list().empty());
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna)).code, 250);
}

TEST_F(PickupIntakes, CodesGoToASecondWayIfThereIsOneReader) {
  const std::string wish = "X-Siegel-Code-To: anna@web.example\r\n";
  EXPECT_EQ(accept(bauamt, {anna}, confidential(anna, wish)).code, 250);
  transfer::Storage storage(*config_->transfer, clock_);
  const auto visit = storage.links.visit(link_in(told())).value();
  EXPECT_TRUE(visit.needs_code && !visit.needs_password);
  EXPECT_EQ(storage.pickups.code_way(visit).text(), "anna@web.example");
  EXPECT_THAT(told(), Not(HasSubstr("anna@web.example")));
}

TEST_F(PickupIntakes, AWishForCodesThatCannotBeFollowedIsSaid) {
  const std::string wish = "X-Siegel-Code-To: anna@web.example\r\n";
  EXPECT_EQ(accept(bauamt, {anna, "max@firma.example"}, confidential(anna, wish)).code, 250);
  EXPECT_THAT(told(), HasSubstr("only if exactly one recipient"));
  EXPECT_THAT(told(), HasSubstr(anna + ": "));
}

TEST_F(PickupIntakes, ATelephoneWithoutADomainForItIsRefusedWithAdvice) {
  try {
    static_cast<void>(
        accept(bauamt, {anna}, confidential(anna, "X-Siegel-Code-To: +49 171 1234567\r\n")));
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer);
    EXPECT_THAT(error.said(), HasSubstr("transfer.sms_domain"));
  }
  EXPECT_EQ(files_in_vault(), 0U);
  EXPECT_TRUE(spool_.list().empty());
}

}  // namespace
}  // namespace siegel::tests
