#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "gateway/crypt/annotate.h"
#include "gateway/mail/fields.h"
#include "tests/crypt/openpgp_post.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using pki::Provenance;
using policy::Summary;
using policy::Treatment;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string bauamt_address = "bauamt@stadt.example";

std::string from_bauamt(const std::string& entity) {
  return letter_from(bauamt_address, entity);
}

class OpenPgpTransform : public testing::Test {
 protected:
  OpenPgpTransform() {
    config.name = "gw.stadt.example";
    envelope.id = "m1";
    envelope.received = desk.desk.at;
    bauamt = desk.keys.signer(*Address::parse(bauamt_address), now());
  }

  std::string leaves(const std::string& text, const Treatment& treatment) const {
    return text_of(
        transform(config, envelope, parsed(text), desk.sees(text), treatment, &desk.keys));
  }
  Treatment signing() const {
    Treatment treatment;
    treatment.sign_openpgp = bauamt;
    return treatment;
  }
  /// To anna and, for the sender's copy, to bauamt.
  Treatment encrypting() const {
    Treatment treatment;
    const auto key = desk.keys.read(annas_home().exported(anna_id));
    treatment.encrypt_to_openpgp = {
        {*Address::parse(anna_address), key, Provenance::admin, false, {}}};
    treatment.encrypt_to_self_openpgp = bauamt;
    return treatment;
  }
  /// What anna's gpg makes of the message that was encrypted to her.
  static std::string opened_by_anna(const std::string& sent) {
    const mail::Message message = parsed(sent);
    return annas_home().make({"--decrypt"}, message.top().parts.at(1).decoded_body());
  }

  config::Config config;
  mail::Envelope envelope;
  OpenPgpDesk desk;
  std::optional<pki::OpenPgpKey> bauamt;
};

// --- RFC 3156 §5

TEST_F(OpenPgpTransform, SignedMailIsGoodToUs) {
  const std::string sent = leaves(from_bauamt(us_text), signing());
  EXPECT_EQ(desk.summary(sent), "good") << remarks(desk.verdict(sent));
  EXPECT_THAT(sent, HasSubstr("protocol=\"application/pgp-signature\""));
  EXPECT_THAT(sent, HasSubstr("micalg=pgp-sha512"));
}

TEST_F(OpenPgpTransform, S4_1_SignedMailIsGoodToTheGpgCommand) {
  const mail::Message message = parsed(leaves(from_bauamt(us_text), signing()));
  const TemporaryDirectory files;
  const GpgHome home;
  home.import(*bauamt);
  const auto& parts = message.top().parts;
  ASSERT_THAT(parts, SizeIs(2));
  const auto covered = files / "covered", signature = files / "signature";
  write_file(covered, parts[0].octets);
  write_file(signature, parts[1].decoded_body());
  EXPECT_NO_THROW(home.run({"--verify", signature.string(), covered.string()}));
}

TEST_F(OpenPgpTransform, ContentIsMadeSafeBeforeItIsSigned) {
  const std::string sent = leaves(
      from_bauamt("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
                  "\r\nGr\xC3\xBC\xC3\x9F"
                  "e  \r\nFrom hier\r\n"),
      signing());
  EXPECT_EQ(desk.summary(sent), "good");
  EXPECT_THAT(sent, Not(HasSubstr("\xC3")));
  EXPECT_THAT(sent, Not(HasSubstr("\r\nFrom hier")));
}

TEST_F(OpenPgpTransform, RC1_SignedMailSurvivesWhatMailServersDo) {
  const std::string sent =
      leaves(from_bauamt("\r\nabc  \r\n-- \r\n.\r\n.x\r\nFrom y\r\n"), signing());
  for (const unsigned char c : sent) ASSERT_LT(c, 0x80U);
  EXPECT_EQ(desk.summary(sent), "good");
  EXPECT_THAT(sent, Not(HasSubstr(" \r\n--")));
}

TEST_F(OpenPgpTransform, WhatMustNotBeChangedIsSignedAsAFile) {
  // A signed part with 8-bit text: its own signature would break if it were encoded.
  const std::string inner =
      "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=in\r\n\r\n"
      "--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "Gr\xC3\xBC\xC3\x9F"
      "e\r\n--in\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--in--\r\n";
  const std::string sent = leaves(from_bauamt(mixed({us_text, inner})), signing());
  EXPECT_EQ(desk.summary(sent), "good") << remarks(desk.verdict(sent));
  const mail::Message message = parsed(sent);
  const mail::Entity& file = message.top().parts.at(0).parts.at(1);
  EXPECT_EQ(file.file_name, "message.eml");
  EXPECT_THAT(file.decoded_body(), HasSubstr(inner));
}

// --- RFC 3156 §4

TEST_F(OpenPgpTransform, S4_1_EncryptedMailIsOpenedByItsRecipient) {
  const std::string sent = leaves(from_bauamt(us_text), encrypting());
  EXPECT_THAT(sent, Not(HasSubstr("bitte sehr")));
  EXPECT_THAT(sent, HasSubstr("protocol=\"application/pgp-encrypted\""));
  EXPECT_THAT(sent, HasSubstr("\r\nVersion: 1\r\n"));
  EXPECT_EQ(opened_by_anna(sent), us_text);
}

TEST_F(OpenPgpTransform, TheSendersCopyOpensForTheMailbox) {
  EXPECT_TRUE(desk.verdict(leaves(from_bauamt(us_text), encrypting())).decrypted);
}

TEST_F(OpenPgpTransform, SignedFirstThenEncrypted) {
  Treatment treatment = encrypting();
  treatment.sign_openpgp = bauamt;
  const std::string sent = leaves(from_bauamt(us_text), treatment);
  const auto verdict = desk.verdict(sent);
  EXPECT_EQ(verdict.summary(), Summary::good) << remarks(verdict);
  ASSERT_THAT(verdict.layers, SizeIs(2));
  EXPECT_EQ(verdict.layers[0].form, policy::Form::encryption);
  EXPECT_THAT(opened_by_anna(sent), HasSubstr("Content-Type: multipart/signed"));
}

TEST_F(OpenPgpTransform, OuterFieldsStayAndContentFieldsMoveInside) {
  const mail::Message message = parsed(leaves(from_bauamt(us_text), encrypting()));
  EXPECT_EQ(message.top().count("Subject"), 1U);
  EXPECT_EQ(message.top().count("Content-Type"), 1U);
  EXPECT_EQ(message.top().count("MIME-Version"), 1U);
}

TEST_F(OpenPgpTransform, WithoutGpgNothingLeaves) {
  const std::string text = from_bauamt(us_text);
  EXPECT_THROW(static_cast<void>(
                   transform(config, envelope, parsed(text), desk.sees(text), signing(), nullptr)),
               Error);
}

// --- header protection (RFC 9788)

TEST_F(OpenPgpTransform, SignedMailCarriesCopiesOfItsFields) {
  Treatment treatment = signing();
  treatment.protect_headers = true;
  const std::string sent = leaves(from_bauamt(us_text), treatment);
  EXPECT_EQ(desk.summary(sent), "good") << remarks(desk.verdict(sent));
  const mail::Message message = parsed(sent);
  const mail::Entity& inside = message.top().parts.at(0);
  EXPECT_EQ(inside.content_type.parameter("hp"), "clear");
  EXPECT_EQ(mail::subject(inside), mail::subject(message.top()));
}

TEST_F(OpenPgpTransform, AFieldThatWasChangedOnTheWayIsSeen) {
  Treatment treatment = signing();
  treatment.protect_headers = true;
  std::string sent = leaves(from_bauamt(us_text), treatment);
  const std::string subject = "Subject: " + mail::subject(parsed(sent).top()) + "\r\n";
  sent.replace(sent.find(subject), subject.size(), "Subject: Mahnung\r\n");
  EXPECT_EQ(desk.summary(sent), "partial");
}

TEST_F(OpenPgpTransform, AHiddenSubjectIsInsideTheSealOnlyAndIsShownOnDelivery) {
  Treatment treatment = encrypting();
  treatment.sign_openpgp = bauamt;
  treatment.protect_headers = treatment.hide_subject = true;
  const std::string text = from_bauamt(us_text);
  const std::string hidden = mail::subject(parsed(text).top());
  const std::string sent = leaves(text, treatment);
  EXPECT_THAT(sent, Not(HasSubstr(hidden)));
  EXPECT_EQ(mail::subject(parsed(sent).top()), "[...]");
  EXPECT_THAT(opened_by_anna(sent), HasSubstr("hp=cipher\r\n"));
  EXPECT_THAT(opened_by_anna(sent), HasSubstr("HP-Outer: Subject: [...]\r\n"));
  Treatment delivery;
  delivery.annotate = delivery.open = true;
  EXPECT_THAT(mail::subject(parsed(leaves(sent, delivery)).top()), HasSubstr(hidden));
}

// --- Autocrypt

TEST_F(OpenPgpTransform, S4_3_5_TheMailboxsKeyIsToldByAutocrypt) {
  Treatment treatment;
  treatment.autocrypt = bauamt;
  const std::string text = from_bauamt(us_text);
  const mail::Message message = parsed(leaves(text, treatment));
  ASSERT_EQ(message.top().count("Autocrypt"), 1U);
  const auto found = OpenPgpDesk().sees(std::string(message.octets())).harvest_openpgp;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].key.fingerprint(), bauamt->fingerprint());
}

// --- incoming

TEST_F(OpenPgpTransform, IncomingMailIsOpenedAndSaysSo) {
  desk.keys.know(anna_address, annas_home().exported(anna_id), Provenance::admin);
  annas_home().import(*bauamt);
  const std::string text = letter(
      pgp_mime_encrypted(annas_home().make({"--armor", "--local-user", anna_id, "--recipient",
                                            bauamt->fingerprint(), "--sign", "--encrypt"},
                                           us_text)));
  Treatment treatment;
  treatment.annotate = treatment.open = true;
  const std::string sent = leaves(text, treatment);
  EXPECT_THAT(sent, HasSubstr("bitte sehr"));
  EXPECT_THAT(sent, HasSubstr("X-Siegel-Verdict: good; scheme=openpgp; signer=\"anna@"));
  EXPECT_THAT(sent, HasSubstr("encryption=opened"));
  EXPECT_THAT(mail::subject(parsed(sent).top()), HasSubstr("[" + config.tags.good + "]"));
}

TEST_F(OpenPgpTransform, ThereIsNoWordForOpenPgpInAuthenticationResults) {
  desk.keys.know(anna_address, annas_home().exported(anna_id), Provenance::admin);
  const auto verdict = desk.verdict(letter(signed_by_anna()));
  EXPECT_THAT(crypt::authentication_results(verdict, config.name), HasSubstr("; smime=none"));
  EXPECT_THAT(crypt::verdict_value(verdict),
              HasSubstr("key=" + desk.keys.read(annas_home().exported(anna_id)).fingerprint()));
}

}  // namespace
}  // namespace siegel::tests
