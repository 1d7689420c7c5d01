#include "gateway/mail/detach.h"

#include <string>

#include <gmock/gmock.h>

#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

using mail::Entity;
using mail::Message;
using testing::HasSubstr;
using testing::Not;

const mail::Insertion notice{"Hier: https://x.example/d/1\n", "<p>Hier: &#228;</p>"};

const std::string text_part = "Content-Type: text/plain; charset=utf-8\n\nGuten Tag\n";
const std::string html_part =
    "Content-Type: text/html\n\n<html><body lang=de><p>Tag</p></body></html>\n";
const std::string pdf =
    "Content-Type: application/pdf; name=Plan.pdf\nContent-Disposition: attachment; "
    "filename=Plan.pdf\nContent-Transfer-Encoding: base64\n\nUExBTg==\n";
const std::string picture =
    "Content-Type: image/png; name=logo.png\nContent-ID: <logo>\nContent-Disposition: inline; "
    "filename=logo.png\nContent-Transfer-Encoding: base64\n\nUE5H\n";

std::string multipart(const std::string& subtype, const std::vector<std::string>& parts,
                      const std::string& boundary = "b1") {
  std::string body = "Content-Type: multipart/" + subtype + "; boundary=" + boundary + "\n\n";
  for (const std::string& part : parts) body += "--" + boundary + "\n" + part;
  return body + "--" + boundary + "--\n";
}

Message mail_of(const std::string& content) {
  return message("From: a@stadt.example\nSubject: x\nMIME-Version: 1.0\n" + content);
}

std::vector<std::string> names(const Message& from) {
  std::vector<std::string> found;
  for (const Entity* const part : mail::attachments(from)) found.push_back(part->file_name);
  return found;
}

Message without_all(const Message& from) {
  return Message::parse(mail::detached(from, mail::attachments(from), notice).join());
}

std::vector<std::string> types(const Entity& entity) {
  std::vector<std::string> found{entity.content_type.type + '/' + entity.content_type.subtype};
  for (const Entity& part : entity.parts)
    for (std::string& type : types(part)) found.push_back(std::move(type));
  return found;
}

// --- what is an attachment

TEST(Attachments, AreWhatAReaderSeesAsFiles) {
  const std::string spreadsheet =
      "Content-Type: application/vnd.ms-excel\nContent-Transfer-Encoding: base64\n\nWA==\n";
  const std::string notes =
      "Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment\n\nx\n";
  const auto mixed = mail_of(multipart("mixed", {text_part, pdf, spreadsheet, notes}));
  EXPECT_THAT(names(mixed), testing::ElementsAre("Plan.pdf", "", "notes.txt"));
}

TEST(Attachments, ImagesWithinTheTextStay) {
  const auto related = multipart("related", {html_part, picture}, "b2");
  EXPECT_THAT(names(mail_of(multipart("mixed", {related, picture, pdf}))),
              testing::ElementsAre("Plan.pdf"));
}

TEST(Attachments, AreFoundWhereAppleMailPutsThem) {
  const auto inner = multipart("mixed", {html_part, pdf, html_part}, "b2");
  EXPECT_THAT(names(mail_of(multipart("alternative", {text_part, inner}))),
              testing::ElementsAre("Plan.pdf"));
}

TEST(Attachments, SignedAndEncryptedPartsAndInvitationsStay) {
  const auto signed_part = multipart(
      "signed", {text_part, "Content-Type: application/pkcs7-signature; name=s.p7s\n\nx\n"}, "b2");
  const std::string sealed = "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx\n";
  const std::string invitation =
      "Content-Type: text/calendar; method=REQUEST; name=i.ics\nContent-Disposition: "
      "attachment\n\nx\n";
  const std::string tnef = "Content-Type: application/ms-tnef; name=winmail.dat\n\nx\n";
  EXPECT_TRUE(names(mail_of(multipart("mixed", {signed_part, sealed, invitation, tnef}))).empty());
  EXPECT_TRUE(names(mail_of(sealed)).empty());
}

TEST(Attachments, NothingIsTakenFromWhatCanBeReadInTwoWays) {
  const auto unclosed =
      "Content-Type: multipart/mixed; boundary=b1\n\n--b1\n" + text_part + "--b1\n" + pdf;
  EXPECT_TRUE(names(mail_of(unclosed)).empty());
  const std::string twice =
      "Content-Type: application/pdf; name=a; name=b\nContent-Disposition: attachment\n\nx\n";
  EXPECT_TRUE(names(mail_of(multipart("mixed", {text_part, twice}))).empty());
}

TEST(Attachments, AHeaderLineThatIsTooLongHidesNone) {
  const std::string name(1500, 'n');
  const std::string part =
      "Content-Type: application/pdf; name=" + name + "\nContent-Disposition: attachment\n\nx\n";
  EXPECT_THAT(names(mail_of(multipart("mixed", {text_part, part}))), testing::ElementsAre(name));
}

TEST(Attachments, AMailThatIsOneFileHasOne) {
  EXPECT_THAT(names(mail_of(pdf)), testing::ElementsAre("Plan.pdf"));
  EXPECT_TRUE(names(mail_of(text_part)).empty());
}

// --- taking them out

TEST(Detached, TheNoticeStandsAboveTheTextInBothForms) {
  const auto both = multipart("alternative", {text_part, html_part}, "b2");
  const auto left = without_all(mail_of(multipart("mixed", {both, pdf})));
  EXPECT_THAT(types(left.top()), testing::ElementsAre("multipart/mixed", "multipart/alternative",
                                                      "text/plain", "text/html"));
  const Entity& texts = left.top().parts.at(0);
  EXPECT_EQ(texts.parts.at(0).decoded_body(), "Hier: https://x.example/d/1\r\nGuten Tag");
  EXPECT_THAT(texts.parts.at(1).decoded_body(),
              HasSubstr("<body lang=de><p>Hier: &#228;</p><p>Tag</p>"));
  EXPECT_FALSE(left.top().is_defective());
  EXPECT_TRUE(mail::attachments(left).empty());
}

TEST(Detached, WhateverStaysIsTheSameOctetForOctet) {
  const std::string small =
      "Content-Type: image/gif; name=a.gif\nContent-Disposition: "
      "attachment\nContent-Transfer-Encoding: base64\n\nR0lG\n";
  for (const auto& parts :
       std::vector<std::vector<std::string>>{{pdf, text_part, small},
                                             {text_part, pdf, small},
                                             {text_part, small, pdf},
                                             {pdf, pdf, text_part, pdf, small, pdf}}) {
    const auto from = mail_of(multipart("mixed", parts));
    std::vector<const Entity*> gone = mail::attachments(from);
    std::erase_if(gone, [](const Entity* part) { return part->file_name == "a.gif"; });
    const auto left = Message::parse(mail::detached(from, gone, notice).join());
    EXPECT_FALSE(left.top().is_defective());
    EXPECT_THAT(types(left.top()),
                testing::ElementsAre("multipart/mixed", "text/plain", "image/gif"));
    EXPECT_THAT(std::string(left.octets()), HasSubstr("R0lG\r\n--b1--"));
    EXPECT_THAT(std::string(left.octets()), Not(HasSubstr("UExBTg")));
  }
}

TEST(Detached, LatinTextBecomesUtf8AndHtmlKeepsItsOwn) {
  const std::string latin =
      "Content-Type: text/plain; charset=iso-8859-1; format=flowed\n"
      "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n";
  const std::string html =
      "Content-Type: text/html; charset=windows-1252\n"
      "Content-Transfer-Encoding: quoted-printable\n\n<p>Gr=FC=DFe</p>\n";
  const auto both = multipart("alternative", {latin, html}, "b2");
  const auto left = without_all(mail_of(multipart("mixed", {both, pdf})));
  const Entity& plain = left.top().parts.at(0).parts.at(0);
  EXPECT_THAT(plain.decoded_body(), HasSubstr("Grüße"));
  EXPECT_EQ(plain.content_type.parameter("charset"), "utf-8");
  EXPECT_EQ(plain.content_type.parameter("format"), "flowed");
  const Entity& shown = left.top().parts.at(0).parts.at(1);
  EXPECT_EQ(shown.content_type.parameter("charset"), "windows-1252");
  EXPECT_EQ(shown.decoded_body(),
            "<p>Hier: &#228;</p><p>Gr\xFC\xDF"
            "e</p>");
}

TEST(Detached, TextThatCannotBeChangedStaysAndTheNoticeIsAPartOfItsOwn) {
  const std::string odd = "Content-Type: text/plain; charset=x-nobody-knows\n\nabc\n";
  const std::string wide = "Content-Type: text/html; charset=utf-16\n\nabc\n";
  for (const std::string& text : {odd, wide}) {
    const auto left = without_all(mail_of(multipart("mixed", {text, pdf, pdf})));
    ASSERT_EQ(left.top().parts.size(), 2U);
    EXPECT_THAT(std::string(left.octets()), HasSubstr(crlf(text)));
    EXPECT_THAT(left.top().parts.at(1).decoded_body(), HasSubstr("https://x.example/d/1"));
    EXPECT_FALSE(left.top().is_defective());
  }
}

TEST(Detached, AMultipartIsNeverLeftEmpty) {
  const auto files = multipart("mixed", {pdf, pdf}, "b2");
  const auto left = without_all(mail_of(multipart("mixed", {text_part, files})));
  EXPECT_THAT(types(left.top()), testing::ElementsAre("multipart/mixed", "text/plain",
                                                      "multipart/mixed", "text/plain"));
  EXPECT_FALSE(left.top().is_defective());
  EXPECT_EQ(without_all(mail_of(multipart("mixed", {pdf}))).top().parts.size(), 1U);
}

TEST(Detached, AMailThatIsOneFileBecomesTheNotice) {
  const auto left = without_all(mail_of(pdf));
  EXPECT_TRUE(left.top().content_type.is("text", "plain"));
  EXPECT_THAT(left.top().decoded_body(), HasSubstr("https://x.example/d/1"));
  EXPECT_NE(left.top().field("Subject"), nullptr);
  EXPECT_TRUE(left.top().file_name.empty());
}

TEST(Detached, TextOfAnAttachedMessageIsNotOurs) {
  const std::string forwarded =
      "Content-Type: message/rfc822\n\nSubject: alt\nContent-Type: text/plain\n\nalt\n";
  const auto left = without_all(mail_of(multipart("mixed", {forwarded, text_part, pdf})));
  EXPECT_THAT(std::string(left.octets()), HasSubstr(crlf(forwarded)));
  EXPECT_THAT(left.top().parts.at(1).decoded_body(), HasSubstr("https://x.example/d/1"));
}

}  // namespace
}  // namespace siegel::tests
