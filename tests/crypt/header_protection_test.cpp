// Header protection on the way out (RFC 9788), seen from both ends.

#include "gateway/crypt/header_protection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/survey.h"
#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

using policy::Treatment;
using testing::HasSubstr;
using testing::Not;

/// A gateway that protects header fields, and the one that receives.
class HeaderProtection : public testing::Test {
 protected:
  HeaderProtection() {
    config.name = "gw.stadt.example";
    envelope.id = "m1";
    envelope.received = noon();
    desk.keys.hold(bauamt());
  }

  std::string leaves(const std::string& text, const Treatment& treatment) const {
    return text_of(crypt::transform(config, envelope, parsed(text), {}, treatment, nullptr));
  }
  /// The message as the receiving gateway delivers it.
  mail::Message arrives(const std::string& text) const {
    Treatment treatment;
    treatment.annotate = treatment.open = true;
    const auto seen = desk.sees(text);
    return parsed(
        text_of(crypt::transform(config, envelope, parsed(text), seen, treatment, nullptr)));
  }
  /// The content under all layers of `text`, which was encrypted.
  mail::Message opened(const std::string& text) const { return *desk.sees(text).opened; }

  static Treatment signing() {
    Treatment treatment;
    treatment.sign = anna().signer();
    treatment.protect_headers = treatment.clean_controls = true;
    return treatment;
  }
  static Treatment sealing() {
    Treatment treatment = signing();
    treatment.encrypt_to = {bauamt().peer({.aes_gcm = true, .rsa_oaep = false})};
    return treatment;
  }
  static Treatment hiding() {
    Treatment treatment = sealing();
    treatment.hide_subject = true;
    return treatment;
  }

  config::Config config;
  mail::Envelope envelope;
  Desk desk;
};

const std::string outlook_fields =
    "Keywords: Bauantrag\r\nThread-Topic: Antrag\r\n"
    "Received: by mail.stadt.example; Mon, 01 Jun 2026 14:00:00 +0200\r\n"
    "DKIM-Signature: v=1; d=x.example\r\nBcc: eva@x.example\r\n";

const mail::Entity& signed_part(const mail::Message& message) {
  return message.top().parts.at(0);
}

TEST_F(HeaderProtection, SignedMailCarriesCopiesOfItsFields) {
  const auto message = parsed(leaves(letter(text_entity, outlook_fields), signing()));
  const mail::Entity& inside = signed_part(message);
  EXPECT_EQ(inside.content_type.parameter("hp"), "clear");
  EXPECT_EQ(inside.content_type.parameter("charset"), "utf-8");
  for (const std::string name : {"From", "To", "Subject", "Keywords", "Message-ID"})
    EXPECT_EQ(inside.count(name), 1U) << name;
  for (const std::string name : {"Received", "DKIM-Signature", "Bcc", "MIME-Version", "HP-Outer"})
    EXPECT_EQ(inside.count(name), 0U) << name;
  EXPECT_EQ(inside.field("Subject")->octets, message.top().field("Subject")->octets);
}

TEST_F(HeaderProtection, CopiesAreOfWhatLeaves) {
  const auto message = parsed(leaves(letter_from("anna@buerger.example", text_entity,
                                                 "X-Siegel-Sign: yes\r\nSubject: [sign] x\r\n"),
                                     signing()));
  EXPECT_EQ(signed_part(message).count("X-Siegel-Sign"), 0U);
  EXPECT_EQ(signed_part(message).count("Subject"), message.top().count("Subject"));
  EXPECT_THAT(std::string(signed_part(message).head), Not(HasSubstr("[sign]")));
}

TEST_F(HeaderProtection, ItIsGoodAtTheOtherEnd) {
  for (const Treatment& treatment : {signing(), sealing(), hiding()}) {
    const auto seen = desk.sees(leaves(letter(text_entity, outlook_fields), treatment));
    EXPECT_EQ(seen.verdict.summary(), policy::Summary::good) << remarks(seen.verdict);
  }
}

TEST_F(HeaderProtection, WithoutTheSettingThereAreNoCopies) {
  Treatment treatment = signing();
  treatment.protect_headers = false;
  const auto message = parsed(leaves(letter(text_entity), treatment));
  EXPECT_EQ(signed_part(message).count("Subject"), 0U);
  EXPECT_EQ(signed_part(message).content_type.parameter("hp"), "");
}

TEST_F(HeaderProtection, EncryptedMailSaysWhatStandsOutside) {
  const std::string sent = leaves(letter(text_entity, outlook_fields), sealing());
  const auto inside = opened(sent);
  const mail::Entity& content = signed_part(inside);
  EXPECT_EQ(content.content_type.parameter("hp"), "cipher");
  EXPECT_THAT(std::string(content.head), HasSubstr("HP-Outer: Subject: Antrag\r\n"));
  EXPECT_THAT(std::string(content.head), HasSubstr("HP-Outer: Keywords: Bauantrag\r\n"));
  EXPECT_EQ(mail::subject(parsed(sent).top()), "Antrag");
}

TEST_F(HeaderProtection, AHiddenSubjectIsToldInsideOnly) {
  const std::string sent = leaves(letter(text_entity, outlook_fields), hiding());
  EXPECT_THAT(sent, Not(HasSubstr("Antrag")));
  EXPECT_THAT(sent, Not(HasSubstr("Bauantrag")));
  const auto message = parsed(sent);
  EXPECT_EQ(mail::subject(message.top()), "[...]");
  EXPECT_EQ(message.top().count("Keywords"), 0U);
  EXPECT_EQ(message.top().count("Thread-Topic"), 0U);
  const auto inside = opened(sent);
  EXPECT_THAT(std::string(signed_part(inside).head), HasSubstr("HP-Outer: Subject: [...]\r\n"));
  EXPECT_THAT(std::string(signed_part(inside).head), Not(HasSubstr("HP-Outer: Keywords")));
}

TEST_F(HeaderProtection, AHiddenSubjectIsShownOnDelivery) {
  const auto message = arrives(leaves(letter(text_entity, outlook_fields), hiding()));
  EXPECT_EQ(mail::subject(message.top()), "[signiert] [entschlüsselt] Antrag");
  EXPECT_EQ(message.top().count("Subject"), 1U);
  EXPECT_EQ(message.top().count("Keywords"), 1U);
  EXPECT_EQ(message.top().count("HP-Outer"), 0U);
}

TEST_F(HeaderProtection, AHiddenSubjectOfAMailThatIsNotSignedIsShownToo) {
  Treatment treatment = hiding();
  treatment.sign.reset();
  const auto message = arrives(leaves(letter(text_entity), treatment));
  EXPECT_THAT(mail::subject(message.top()), HasSubstr("Antrag"));
}

// RFC 9788 §5.2.2
TEST_F(HeaderProtection, ProgramsThatKnowNoHiddenSubjectShowItAboveTheText) {
  const auto inside = opened(leaves(letter(text_entity), hiding()));
  const mail::Entity& content = signed_part(inside);
  EXPECT_EQ(content.content_type.parameter("hp-legacy-display"), "1");
  EXPECT_EQ(content.content_type.parameter("hp"), "cipher");
  EXPECT_EQ(content.decoded_body(),
            "Subject: Antrag\r\n\r\nSehr geehrte Damen und Herren,\r\nbitte sehr.\r\n");
}

// RFC 9788 §5.2.3
TEST_F(HeaderProtection, EachAlternativeShowsTheHiddenSubject) {
  const std::string alternatives =
      "Content-Type: multipart/alternative; boundary=b1\r\n\r\n"
      "--b1\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nhallo\r\n"
      "--b1\r\nContent-Type: text/html\r\n\r\n<html><body "
      "class=\"x\"><p>hallo</p></body></html>\r\n"
      "--b1--\r\n";
  std::string text = letter(alternatives);
  text.replace(text.find("Subject: Antrag"), 15, "Subject: 1 < 2 & =?utf-8?q?gr=C3=BCn?=");
  auto inside = opened(leaves(text, hiding()));
  const auto& parts = signed_part(inside).parts;
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].decoded_body(), "Subject: 1 < 2 & gr\xFCn\r\n\r\nhallo");
  EXPECT_EQ(parts[1].decoded_body(), "<html><body class=\"x\"><p>hallo</p></body></html>")
      << "us-ascii cannot write the subject";
  text.replace(text.find("gr=C3=BCn"), 9, "gruen");
  inside = opened(leaves(text, hiding()));
  EXPECT_EQ(signed_part(inside).parts[1].decoded_body(),
            "<html><body class=\"x\"><div class=\"header-protection-legacy-display\"><pre>"
            "Subject: 1 &lt; 2 &amp; gruen</pre></div><p>hallo</p></body></html>");
}

TEST_F(HeaderProtection, AttachmentsShowNoSubject) {
  const std::string attachment =
      "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nnotes\r\n";
  const auto inside = opened(leaves(letter(attachment), hiding()));
  EXPECT_THAT(signed_part(inside).decoded_body(), Not(HasSubstr("Subject")));
}

TEST_F(HeaderProtection, R45_NoFieldGetsInThatWasNone) {
  const std::string sent = leaves(
      "From: anna@buerger.example\r\nSubject: a\rX-Evil: 1\r\nno field at all\r\n"
      "X-Odd: b\rX-Evil: 2\r\nX Blank: c\r\nX-Nul: d" +
          std::string(1, '\0') + "\r\n\r\nhi\r\n",
      signing());
  const auto message = parsed(sent);
  const mail::Entity& inside = signed_part(message);
  EXPECT_EQ(inside.count("X-Evil"), 0U);
  EXPECT_THAT(std::string(inside.head), Not(HasSubstr("no field")));
  EXPECT_THAT(std::string(inside.head), Not(HasSubstr("X Blank")));
  EXPECT_TRUE(mail::survey(inside.head).is_safe());
}

TEST_F(HeaderProtection, RawTextIsEncodedInTheCopy) {
  const std::string sent = leaves(
      "From: anna@buerger.example\r\nSubject: Gr\xC3\xBC\xC3\x9F"
      "e\r\nX-Note: \xFC\r\n\r\nhi\r\n",
      signing());
  const auto message = parsed(sent);
  EXPECT_TRUE(mail::survey(signed_part(message).head).is_safe());
  EXPECT_EQ(mail::subject(signed_part(message)),
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(desk.summary(sent), "good") << remarks(desk.sees(sent).verdict);
}

// STANDARDS §2.3 rule 9
TEST_F(HeaderProtection, AnAddressThatHasNoOtherFormIsCopiedUnderASealOnly) {
  const std::string text =
      "From: anna@buerger.example\r\nTo: b\xC3\xBC"
      "cher@x.example\r\nSubject: Antrag\r\n\r\nhi\r\n";
  const std::string in_clear = leaves(text, signing());
  EXPECT_TRUE(parsed(in_clear).top().content_type.is("multipart", "signed"));
  EXPECT_EQ(signed_part(parsed(in_clear)).count("Subject"), 0U);
  for (const Treatment& treatment : {sealing(), hiding()}) {
    const auto verdict = desk.sees(leaves(text, treatment)).verdict;
    EXPECT_EQ(verdict.summary(), policy::Summary::good) << remarks(verdict);
  }
  EXPECT_THAT(mail::subject(arrives(leaves(text, hiding())).top()), HasSubstr("Antrag"));
}

TEST_F(HeaderProtection, AMessageWithoutFieldsIsProtectedToo) {
  const std::string sent = leaves("\r\nhi\r\n", signing());
  EXPECT_EQ(signed_part(parsed(sent)).content_type.parameter("hp"), "clear");
}

TEST_F(HeaderProtection, FieldsThatStandTwiceAreCopiedTwice) {
  const std::string sent =
      leaves(letter(text_entity, "To: b@x.example\r\nX-A: 1\r\nX-A: 2\r\n"), signing());
  EXPECT_EQ(signed_part(parsed(sent)).count("To"), 2U);
  EXPECT_EQ(signed_part(parsed(sent)).count("X-A"), 2U);
}

TEST_F(HeaderProtection, WhatTheClientSignedIsNotTouched) {
  const std::string inner = signed_by(anna());
  Treatment treatment = sealing();
  treatment.sign.reset();
  const auto inside = opened(leaves(letter(inner), treatment));
  EXPECT_THAT(std::string(inside.octets()),
              testing::EndsWith(inner.substr(inner.find("\r\n\r\n"))));
  EXPECT_EQ(signed_part(inside).count("Subject"), 0U);
}

TEST_F(HeaderProtection, AHiddenSubjectIsNeverLost) {
  Treatment treatment = hiding();
  treatment.sign.reset();
  EXPECT_THROW(leaves(letter(signed_by(anna())), treatment), Error);
  const std::string protecting = signed_by(
      anna(),
      "Content-Type: text/plain; hp=\"clear\"\r\nFrom: Anna Huber <anna@buerger.example>\r\n"
      "To: bauamt@stadt.example\r\nSubject: Antrag\r\n\r\nhi\r\n");
  const std::string sent = leaves(letter(protecting), treatment);
  EXPECT_EQ(mail::subject(parsed(sent).top()), "[...]");
  EXPECT_EQ(desk.summary(sent), "good") << remarks(desk.sees(sent).verdict);
  EXPECT_THAT(mail::subject(arrives(sent).top()), HasSubstr("Antrag"));
}

TEST_F(HeaderProtection, AMarkThatTheClientWroteIsNotBelieved) {
  const std::string entity = "Content-Type: text/plain; hp=cipher; charset=utf-8\r\n\r\nhi\r\n";
  Treatment treatment = signing();
  EXPECT_EQ(signed_part(parsed(leaves(letter(entity), treatment))).content_type.parameter("hp"),
            "clear");
  treatment.protect_headers = false;
  const auto message = parsed(leaves(letter(entity), treatment));
  EXPECT_EQ(signed_part(message).content_type.parameter("hp"), "");
  EXPECT_EQ(signed_part(message).content_type.parameter("charset"), "utf-8");
}

TEST_F(HeaderProtection, ATypeThatIsNotUnderstoodBearsNoMark) {
  const std::string sent = leaves(letter("Content-Type: text/plain; (x\r\n\r\nhi\r\n"), signing());
  EXPECT_EQ(signed_part(parsed(sent)).count("Subject"), 0U);
  EXPECT_THROW(leaves(letter("Content-Type: text/plain; (x\r\n\r\nhi\r\n"), hiding()), Error);
}

TEST_F(HeaderProtection, WithoutOneOfTheFieldsThatAreShownThereAreNone) {
  const std::string fields = "Cc: lang " + std::string(992, 'x') + "\r\n";
  const auto message = parsed(leaves(letter(text_entity, fields), signing()));
  EXPECT_EQ(signed_part(message).count("Subject"), 0U);
  EXPECT_EQ(signed_part(message).content_type.parameter("hp"), "");
  EXPECT_THROW(leaves(letter(text_entity, fields), hiding()), Error);
}

TEST_F(HeaderProtection, R47_AHeadThatWouldGrowTooLongIsNotCopied) {
  std::string many;
  for (int i = 0; i < 4; ++i) many += "X-Long: " + std::string(900, 'x') + "\r\n";
  std::string fields;
  for (int i = 0; i < 50; ++i) fields += many;
  const std::string sent = leaves(letter(text_entity, fields), sealing());
  const auto inside = opened(sent);
  EXPECT_EQ(signed_part(inside).count("Subject"), 0U);
  EXPECT_EQ(signed_part(inside).content_type.parameter("hp"), "");
}

}  // namespace
}  // namespace siegel::tests
