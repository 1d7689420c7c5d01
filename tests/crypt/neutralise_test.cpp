#include "gateway/crypt/neutralise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/trace.h"
#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string html_entity =
    "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\u00FC\u00DFe <img "
    "src=\"http://evil.example/\"></p>\r\n";

std::string html_in(const std::string& charset, const std::string& encoding,
                    const std::string& body) {
  return "Content-Type: text/html; charset=" + charset +
         "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body + "\r\n";
}

std::string multipart(const std::string& type, const std::vector<std::string>& parts) {
  std::string text = mixed(parts);
  return text.replace(text.find("multipart/mixed"), 15, "multipart/" + type);
}

mail::Message neutral(const std::string& text) {
  return crypt::neutralised(parsed(text));
}

std::string type_of(const mail::Entity& entity) {
  return entity.content_type.type + '/' + entity.content_type.subtype;
}

// --- kinds of parts

TEST(Neutralise, R02_HtmlBecomesText) {
  const auto result = neutral(letter(html_entity));
  EXPECT_EQ(type_of(result.top()), "text/plain");
  EXPECT_THAT(result.top().decoded_body(), StartsWith("Hinweis: Die Formatierung"));
  EXPECT_THAT(result.top().decoded_body(), HasSubstr("Note: The formatting"));
  EXPECT_THAT(result.top().decoded_body(), EndsWith("\r\n\r\nGrüße\r\n"));
  EXPECT_EQ(mail::subject(result.top()), "Antrag");
}

TEST(Neutralise, TextAndDocumentsStayOctetForOctet) {
  for (const std::string& entity :
       {text_entity, mixed({text_entity, "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF"}),
        std::string("Content-Type: application/vnd.openxmlformats-officedocument."
                    "wordprocessingml.document; name=a.docx\r\n\r\nPK"),
        std::string("Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n"),
        attached(letter(text_entity)), signed_by(anna()), opaquely_signed_by(anna())}) {
    EXPECT_EQ(neutral(letter(entity)).octets(), letter(entity));
  }
}

TEST(Neutralise, HtmlIsReadableWhateverItsCharacterSetAndEncoding) {
  for (const std::string& entity :
       {html_in("utf-8", "8bit", "<p>Grüße"),
        html_in("iso-8859-1", "8bit",
                "<p>Gr\xFC\xDF"
                "e"),
        html_in("iso-8859-1", "quoted-printable", "<p>Gr=FC=DFe"),
        html_in("windows-1252", "base64",
                mail::to_base64_lines("<p>Gr\xFC\xDF"
                                      "e")),
        html_in("us-ascii", "7bit", "<p>Gr&uuml;&szlig;e"),
        std::string("Content-Type: text/html\r\n\r\n<meta charset=\"iso-8859-15\">Gr\xFC\xDF"
                    "e"),
        std::string("Content-Type: text/html\r\n\r\nGr\xFC\xDF"
                    "e")}) {
    EXPECT_THAT(neutral(letter(entity)).top().decoded_body(), EndsWith("\r\n\r\nGrüße\r\n"))
        << entity;
  }
}

TEST(Neutralise, OutlooksAlternativesKeepTheirPlainText) {
  const std::string picture =
      "Content-Type: image/png; name=logo.png\r\nContent-ID: <1>\r\n\r\nPNG\r\n";
  const std::string text =
      letter(multipart("alternative", {text_entity, multipart("related", {html_entity, picture})}));
  const auto result = neutral(text);
  ASSERT_EQ(result.top().parts.size(), 2U);
  EXPECT_EQ(result.top().parts[0].octets, text_entity);
  const mail::Entity& related = result.top().parts[1];
  EXPECT_EQ(type_of(related), "multipart/mixed");
  ASSERT_EQ(related.parts.size(), 2U);
  EXPECT_EQ(type_of(related.parts[0]), "text/plain");
  EXPECT_EQ(related.parts[1].octets, picture);
}

TEST(Neutralise, R02_AnHtmlAttachmentKeepsItsOctetsUnderAPassiveName) {
  const auto result = neutral(letter(
      mixed({text_entity,
             "Content-Type: text/html; name=\"Bescheid.HTML\"\r\nContent-Disposition: attachment; "
             "filename=\"Bescheid.HTML\"\r\n\r\n<p>x</p>\r\n"})));
  const mail::Entity& file = result.top().parts.at(1);
  EXPECT_EQ(type_of(file), "application/octet-stream");
  EXPECT_EQ(file.disposition, "attachment");
  EXPECT_EQ(file.file_name, "Bescheid.HTML.txt");
  EXPECT_EQ(file.decoded_body(), "<p>x</p>\r\n");
}

TEST(Neutralise, R02_WhatRendersUnderAnotherNameIsSetAside) {
  for (const std::string fields :
       {"Content-Type: image/svg+xml", "Content-Type: text/xml", "Content-Type: application/xml",
        "Content-Type: application/octet-stream; name=\"a.svg \"",
        "Content-Type: text/plain; name=a.xhtml",
        "Content-Type: text/plain; name=a.htm\r\nContent-Disposition: inline; filename=a.txt",
        "Content-Type: message/external-body; access-type=URL; URL=\"http://evil.example\"",
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
        "Content-Type: application/xslt+xml", "Content-Type: message/global",
        "Content-Type: text/plain\r\nContent-Type: text/html; name=a"}) {
    const auto result = neutral(letter(mixed({text_entity, fields + "\r\n\r\n<x/>\r\n"})));
    const std::string type = type_of(result.top().parts.at(1));
    EXPECT_TRUE(type == "application/octet-stream" || type == "text/plain") << fields;
    EXPECT_THAT(result.octets(), Not(HasSubstr("<x/>"))) << fields;
    EXPECT_EQ(result.top().parts[1].count("Content-Type"), 1U);
    if (type == "application/octet-stream") {
      EXPECT_THAT(result.top().parts[1].file_name, EndsWith(".txt")) << fields;
    }
  }
}

TEST(Neutralise, R02_XhtmlIsText) {
  EXPECT_EQ(type_of(neutral(letter("Content-Type: application/xhtml+xml\r\n\r\n<p/>\r\n")).top()),
            "text/plain");
}

TEST(Neutralise, R02_AttachedMessagesAreLookedInto) {
  const auto result = neutral(letter(mixed({text_entity, attached(letter(html_entity))})));
  const mail::Entity& inner = result.top().parts.at(1).parts.at(0);
  EXPECT_EQ(type_of(inner), "text/plain");
  EXPECT_EQ(mail::subject(inner), "Antrag");
}

TEST(Neutralise, R02_ASignatureThatIsNotGoodShieldsNothing) {
  const auto clear = neutral(letter(signed_by(anna(), html_entity)));
  EXPECT_EQ(type_of(clear.top()), "multipart/mixed");
  EXPECT_EQ(type_of(clear.top().parts.at(0)), "text/plain");
  const auto opaque = neutral(letter(opaquely_signed_by(anna(), html_entity)));
  EXPECT_EQ(type_of(opaque.top()), "text/plain");
  const auto deep = neutral(letter(
      mixed({text_entity, opaquely_signed_by(anna(), opaquely_signed_by(anna(), html_entity))})));
  EXPECT_EQ(type_of(deep.top().parts.at(1)), "text/plain");
}

TEST(Neutralise, R02_TextCannotGrowIntoAPart) {
  // What an opaque signature holds is put into the multipart around it: its lines must not be
  // delimiters there.
  const std::string evil = "Content-Type: text/html\r\n\r\n<p>active</p>";
  const std::string inner = multipart("mixed", {html_entity, "\r\n--out\r\n" + evil});
  const std::string text = letter("Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n" +
                                  opaquely_signed_by(anna(), inner) + "\r\n--out--\r\n");
  const auto result = neutral(text);
  EXPECT_THAT(result.octets(), Not(HasSubstr("text/html")));
  EXPECT_THAT(result.octets(), Not(HasSubstr("<p>active")));
}

TEST(Neutralise, R02_ADoubtfulHeadIsWrittenAnew) {
  const auto result = neutral(letter(mixed({text_entity}), "no field at all\r\n"));
  EXPECT_EQ(result.top().parts.at(0).octets, text_entity);
  EXPECT_THAT(result.octets(), Not(HasSubstr("no field at all")));
  const std::string cms = opaquely_signed_by(anna());
  const auto twice =
      neutral(letter(mixed({"Content-Type: application/pkcs7-mime\r\nContent-Type: text/html" +
                            cms.substr(cms.find(';'))})));
  EXPECT_EQ(type_of(twice.top().parts.at(0)), "application/octet-stream");
}

TEST(Neutralise, R02_HtmlThatIsNotReadIsSetAside) {
  std::string deep;
  for (int i = 0; i < 400; ++i) deep += "<b>";
  const auto result = neutral(letter(html_in("utf-8", "7bit", deep)));
  EXPECT_EQ(type_of(result.top()), "application/octet-stream");
  EXPECT_EQ(result.top().file_name, "nachricht.txt");
}

// --- on the way

class Gadget : public testing::Test {
 protected:
  Gadget() {
    desk.keys.hold(bauamt());
    config.name = "gw.stadt.example";
    envelope.id = "m1";
    envelope.received = noon();
  }
  mail::Message delivered(const std::string& text) const {
    policy::Treatment treatment;
    treatment.annotate = treatment.open = true;
    return parsed(
        text_of(transform(config, envelope, parsed(text), desk.sees(text), treatment, nullptr)));
  }
  /// `entity` as it comes out, encrypted by CBC or by GCM.
  mail::Message opened(const std::string& entity, bool authenticated) const {
    return delivered(letter(encrypted_to(bauamt(), entity, authenticated)));
  }

  Desk desk;
  config::Config config;
  mail::Envelope envelope;
};

TEST_F(Gadget, R02_HtmlThatWasEncryptedWithoutIntegrityIsDeliveredAsText) {
  const auto result = opened(html_entity, false);
  EXPECT_EQ(type_of(result.top()), "text/plain");
  EXPECT_THAT(result.octets(), HasSubstr("integrity=no"));
  EXPECT_THAT(result.octets(), Not(HasSubstr("evil.example")));
}

TEST_F(Gadget, R02_PlainTextAndAuthenticatedMailAreNotTouched) {
  EXPECT_EQ(opened(text_entity, false).top().body, parsed(text_entity).top().body);
  EXPECT_EQ(opened(html_entity, true).top().body, parsed(html_entity).top().body);
}

TEST_F(Gadget, R02_AGoodSignatureInsideAnswersForTheContent) {
  for (const std::string& entity :
       {signed_by(anna(), html_entity), opaquely_signed_by(anna(), html_entity)}) {
    const auto result = opened(entity, false);
    EXPECT_EQ(result.top().body, parsed(entity).top().body);
    EXPECT_EQ(desk.summary(std::string(result.octets())), "good");
  }
}

TEST_F(Gadget, R02_ASignatureOutsideOrOfAStrangerDoesNot) {
  EXPECT_EQ(type_of(opened(signed_by(stranger(), html_entity), false).top()), "multipart/mixed");
  const auto outside =
      delivered(letter(signed_by(anna(), encrypted_to(bauamt(), html_entity, false))));
  EXPECT_EQ(type_of(outside.top()), "text/plain");
}

TEST_F(Gadget, R02_OctetsThatAreNotWhatTheHeadSaysAreAFailedDecryption) {
  const std::string noise = "<img ignore=\"\x9A\xC3\x01\xFE\x88\x11\x90\xB0\" src=\"//e.ex/";
  const auto damaged = desk.sees(letter(encrypted_to(bauamt(), "no entity\r\n", false))).verdict;
  for (const std::string& entity :
       {html_in("utf-8", "8bit", noise), html_in("US-ASCII", "7bit", noise),
        mixed({text_entity, html_in("\"utf-8\"", "base64", mail::to_base64_lines(noise))})}) {
    const auto seen = desk.sees(letter(encrypted_to(bauamt(), entity, false)));
    EXPECT_FALSE(seen.opened);
    EXPECT_EQ(remarks(seen.verdict), remarks(damaged));
    EXPECT_EQ(seen.verdict.layers.at(0).status, damaged.layers.at(0).status);
    EXPECT_TRUE(desk.sees(letter(encrypted_to(bauamt(), entity, true))).opened);
  }
}

TEST_F(Gadget, MailThatIsOnlyMislabelledIsOpened) {
  for (const std::string& entity :
       {html_in("us-ascii", "8bit", "Grüße"),
        html_in("us-ascii", "8bit",
                "Gr\xFC\xDF"
                "e"),
        html_in("iso-8859-1", "8bit",
                "\x93x\x94 Gr\xFC\xDF"
                "e"),
        std::string("Content-Type: text/plain\r\n\r\nGr\xFC\xDF"
                    "e\r\n"),
        mixed({text_entity,
               "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: "
               "attachment\r\n\r\nGr\xFC\xDF"
               "e\r\n"})}) {
    EXPECT_TRUE(desk.sees(letter(encrypted_to(bauamt(), entity, false))).opened) << entity;
  }
}

}  // namespace
}  // namespace siegel::tests
