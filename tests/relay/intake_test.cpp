// The flow of one message with real keys, a real database and a real spool; only time stands still.

#include "gateway/relay/intake.h"

#include <openssl/x509v3.h>

#include "tests/relay/intake_fixture.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

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

}  // namespace
}  // namespace siegel::tests
