#include "gateway/crypt/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "gateway/crypt/smime.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/trace.h"
#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

using policy::Treatment;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Transform : public testing::Test {
 protected:
  Transform() {
    config.name = "gw.stadt.example";
    envelope.id = "m1";
    envelope.client_ip = "10.0.0.1";
    envelope.client_helo = "mail.stadt.example";
    envelope.received = noon();
    desk.keys.hold(bauamt());
  }

  /// What leaves, without the Received field that is always added.
  std::string leaves(const std::string& text, const Treatment& treatment) const {
    const auto message = parsed(text);
    const auto seen = desk.sees(text);
    const std::string sent =
        text_of(transform(config, envelope, message, seen, treatment, nullptr));
    const std::string trace = mail::received_field(envelope, config.name);
    EXPECT_THAT(sent, StartsWith(trace));
    return sent.substr(trace.size());
  }

  static Treatment signing(const Party& party = anna()) {
    Treatment treatment;
    treatment.sign = party.signer();
    return treatment;
  }
  static Treatment cleaning() {
    Treatment treatment;
    treatment.clean_controls = true;
    return treatment;
  }
  static Treatment encrypting(bool gcm) {
    Treatment treatment;
    treatment.encrypt_to = {bauamt().peer({.aes_gcm = gcm, .rsa_oaep = false})};
    return treatment;
  }
  static Treatment receiving() {
    Treatment treatment;
    treatment.annotate = treatment.open = true;
    return treatment;
  }

  config::Config config;
  mail::Envelope envelope;
  Desk desk;
};

// --- outgoing

TEST_F(Transform, NothingToDoChangesNothing) {
  const std::string text =
      letter("Content-Type: text/plain\r\n\r\n  8bit \xFC and blanks  \r\nFrom x\r\n.\r\n");
  EXPECT_EQ(leaves(text, {}), text);
}

TEST_F(Transform, SignedMailIsGood) {
  const std::string sent = leaves(letter(text_entity), signing());
  EXPECT_EQ(desk.summary(sent), "good");
  EXPECT_THAT(sent, HasSubstr("micalg=sha-256"));
  EXPECT_THAT(sent, HasSubstr("smime.p7s"));
}

TEST_F(Transform, OuterFieldsStayAndContentFieldsMoveInside) {
  const std::string sent =
      leaves(letter(text_entity, "X-Own: 1\r\nContent-Language: de\r\n"), signing());
  const auto message = parsed(sent);
  EXPECT_THAT(sent,
              StartsWith("From: Anna Huber <anna@buerger.example>\r\nTo: bauamt@stadt.example\r\n"
                         "Subject: Antrag\r\n"));
  EXPECT_EQ(message.top().count("X-Own"), 1U);
  EXPECT_EQ(message.top().count("Content-Language"), 0U);
  EXPECT_EQ(message.top().parts.at(0).count("Content-Language"), 1U);
  EXPECT_EQ(message.top().count("MIME-Version"), 1U);
}

TEST_F(Transform, MailWithoutMimeGetsMimeVersion) {
  const std::string sent =
      leaves("From: anna@buerger.example\r\nSubject: x\r\n\r\nhi\r\n", signing());
  EXPECT_EQ(parsed(sent).top().count("MIME-Version"), 1U);
  EXPECT_EQ(desk.summary(sent), "good");
}

TEST_F(Transform, ControlsNeverLeave) {
  config.tags.good = "signiert";
  const std::string text =
      "From: anna@buerger.example\r\nX-Siegel-Encrypt: yes\r\n"
      "Subject: Re: [signiert] [vertraulich] Antrag [sign]\r\n\r\nhi\r\n";
  const std::string sent = leaves(text, cleaning());
  EXPECT_THAT(sent, Not(HasSubstr("X-Siegel")));
  EXPECT_EQ(mail::subject(parsed(sent).top()), "Re: Antrag");
}

TEST_F(Transform, R39_WhatWasHeardAsAWishDoesNotLeave) {
  const std::string from = "From: anna@buerger.example\r\n";
  for (const std::string& subjects :
       {std::string("Subject: Antrag\r\nSubject: [vertraulich] Antrag\r\n"),
        std::string("Subject: [vertrau\u200Blich] Antrag\r\nSubject: x\r\n"),
        std::string("Subject: =?x-foo?Q?[vertraulich]_Antrag?=\r\n")}) {
    const std::string sent = leaves(from + subjects + "\r\nhi\r\n", cleaning());
    EXPECT_EQ(sent, from + "Subject: Antrag\r\n\r\nhi\r\n");
  }
}

TEST_F(Transform, HiddenRecipientsNeverLeave) {
  const std::string text =
      "From: anna@buerger.example\r\nBcc: chef@stadt.example,\r\n eva@firma.example\r\n\r\nhi\r\n";
  EXPECT_EQ(leaves(text, cleaning()), "From: anna@buerger.example\r\n\r\nhi\r\n");
}

TEST_F(Transform, SubjectWithoutTagsStaysOctetForOctet) {
  const std::string text = "Subject:  =?utf-8?q?=C3=BC?=  x \r\nFrom: a@x.example\r\n\r\nhi\r\n";
  EXPECT_EQ(leaves(text, cleaning()), text);
}

TEST_F(Transform, EncryptedMailCanBeOpened) {
  for (const bool gcm : {true, false}) {
    const std::string sent = leaves(letter(text_entity), encrypting(gcm));
    EXPECT_THAT(sent,
                HasSubstr(gcm ? "smime-type=authEnveloped-data" : "smime-type=enveloped-data"));
    EXPECT_THAT(sent, Not(HasSubstr("bitte sehr")));
    EXPECT_TRUE(desk.sees(sent).verdict.decrypted);
  }
}

TEST_F(Transform, SignedFirstThenEncrypted) {
  Treatment treatment = signing();
  treatment.encrypt_to = encrypting(true).encrypt_to;
  const auto seen = desk.sees(leaves(letter(text_entity), treatment));
  EXPECT_EQ(seen.verdict.summary(), policy::Summary::good);
  ASSERT_EQ(seen.verdict.layers.size(), 2U);
  EXPECT_EQ(seen.verdict.layers[0].form, policy::Form::encryption);
}

TEST_F(Transform, OwnCopyCanBeOpenedToo) {
  Treatment treatment;
  treatment.encrypt_to = {anna().peer()};
  treatment.encrypt_to_self = bauamt().certificate;
  EXPECT_TRUE(desk.sees(leaves(letter(text_entity), treatment)).verdict.decrypted);
}

TEST_F(Transform, ClientsSignatureIsReplacedIfWanted) {
  const Party other = world().person("other@world.example");
  Treatment treatment = signing();
  treatment.replace_signature = true;
  for (const std::string& text : {letter(signed_by(other)), letter(opaquely_signed_by(other))}) {
    const auto seen = desk.sees(leaves(text, treatment));
    EXPECT_EQ(seen.verdict.summary(), policy::Summary::good) << remarks(seen.verdict);
    EXPECT_EQ(seen.verdict.layers.size(), 1U);
  }
}

TEST_F(Transform, SignatureThatDoesNotFitIsNotReplaced) {
  Treatment treatment = signing();
  treatment.replace_signature = true;
  EXPECT_THROW(leaves(letter(pkcs7_mime("garbage", "signed-data")), treatment), Error);
}

// --- incoming

TEST_F(Transform, ReceivedSignedMailIsAnnotatedWithItsBodyUntouched) {
  const std::string text = letter(signed_by(anna()));
  const std::string sent = leaves(text, receiving());
  EXPECT_THAT(sent, HasSubstr("smime=pass\r\n body.smime-identifier=anna@buerger.example"));
  EXPECT_THAT(sent, HasSubstr("X-Siegel-Verdict: good;"));
  EXPECT_EQ(parsed(sent).top().body, parsed(text).top().body);
  EXPECT_EQ(desk.summary(sent), "good");
}

TEST_F(Transform, OpenedMailIsDeliveredOpenAndSaysSo) {
  const std::string sent = leaves(letter(encrypted_to(bauamt(), signed_by(anna()))), receiving());
  EXPECT_EQ(desk.summary(sent), "good");
  EXPECT_THAT(sent, HasSubstr("encryption=opened"));
  EXPECT_EQ(mail::subject(parsed(sent).top()), "[signiert] [entschlüsselt] Antrag");
}

TEST_F(Transform, MailThatCannotBeOpenedStaysAsItIs) {
  const std::string text = letter(encrypted_to(anna(), text_entity));
  EXPECT_EQ(parsed(leaves(text, receiving())).top().body, parsed(text).top().body);
}

TEST_F(Transform, R47_HeadThatWasNotReadIsRefused) {
  std::string fields;
  for (int i = 0; i < 3000; ++i) fields += "X-Fill: " + std::string(100, 'x') + "\r\n";
  EXPECT_THROW(leaves(letter(text_entity, fields + "X-Siegel-Verdict: good\r\n"), receiving()),
               Error);
}

}  // namespace
}  // namespace siegel::tests
