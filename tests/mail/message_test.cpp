#include "gateway/mail/message.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

using mail::Defect;

constexpr auto mixed =
    "From: anna@stadt.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    "before\n--b\nContent-Type: text/plain\n\nHello\n--b\n\nWorld\n--b--\nafter\n";

TEST(Message, PartsAreViewsWithExactBounds) {
  const auto read = message(mixed);
  ASSERT_EQ(read.top().parts.size(), 2U);
  // RFC 2046 §5.1.1: the CRLF before a delimiter belongs to the delimiter.
  EXPECT_EQ(read.top().parts[0].octets, "Content-Type: text/plain\r\n\r\nHello");
  EXPECT_EQ(read.top().parts[1].octets, "\r\nWorld");
  EXPECT_EQ(read.top().parts[1].body, "World");
}

TEST(Message, PreambleAndEpilogueAreToldApart) {
  const auto read = message(mixed);
  EXPECT_EQ(read.top().preamble, "before");
  EXPECT_EQ(read.top().epilogue, "after\r\n");
}

TEST(Message, ViewsSurviveAMove) {
  auto read = message(mixed);
  const mail::Message moved = std::move(read);
  EXPECT_EQ(moved.top().parts.at(0).body, "Hello");
  EXPECT_EQ(moved.slice(moved.top().parts.at(0).body).view(), "Hello");
}

TEST(Message, HeadAndBodyAreTheWhole) {
  const auto read = message(mixed);
  EXPECT_EQ(std::string(read.top().head) + std::string(read.top().body), read.octets());
  EXPECT_TRUE(read.top().head.ends_with("\r\n\r\n"));
}

TEST(Message, FieldsKeepTheirFolding) {
  const auto read = message("Subject: a\n\tb\nTo: c@d.example\n\n");
  ASSERT_EQ(read.top().fields.size(), 2U);
  EXPECT_EQ(read.top().fields[0].octets, "Subject: a\r\n\tb\r\n");
  EXPECT_EQ(read.top().fields[0].name, "Subject");
  EXPECT_EQ(read.top().fields[0].body, " a\r\n\tb");
}

TEST(Message, FieldsAreFoundInAnyCase) {
  const auto read = message("sUbJeCt: a\nSubject: b\n\n");
  EXPECT_EQ(read.top().field("SUBJECT")->body, " a");
  EXPECT_EQ(read.top().count("subject"), 2U);
  EXPECT_EQ(read.top().field("To"), nullptr);
}

TEST(Message, R49_InnerDelimitersDoNotReachAcrossOuterOnes) {
  const auto read = message(
      "Content-Type: multipart/mixed; boundary=out\n\n"
      "--out\nContent-Type: multipart/mixed; boundary=in\n\n--in\n\none\n"
      "--out\n\ntwo\n--in\n\nthree\n--in--\n--out--\n");
  ASSERT_EQ(read.top().parts.size(), 2U);
  EXPECT_EQ(read.top().parts[0].parts.at(0).body, "one");
  EXPECT_EQ(read.top().parts[1].body, "two\r\n--in\r\n\r\nthree\r\n--in--");
}

TEST(Message, R49_BoundaryThatReadersSeeDifferentlyIsADefect) {
  const auto read = message("Content-Type: multipart/mixed; boundary=\"a\\\"b\nc\"\n\n--a\n\n");
  EXPECT_TRUE(read.top().is_defective());
}

TEST(Message, R18_SignedPartInsideAnotherMessageStaysInside) {
  const auto read = message(
      "Content-Type: message/rfc822\n\n"
      "Content-Type: multipart/signed; boundary=s\n\n--s\n\nx\n--s\n\ny\n--s--\n");
  EXPECT_TRUE(read.top().content_type.is("message", "rfc822"));
  ASSERT_EQ(read.top().parts.size(), 1U);
  EXPECT_TRUE(read.top().parts[0].content_type.is("multipart", "signed"));
}

TEST(Message, DefectsOfPartsAreNotThoseOfTheWhole) {
  const auto read = message(
      "Content-Type: multipart/mixed; boundary=b\n\n"
      "--b\nSubject: a\nSubject: b\n\nx\n--b--\n");
  EXPECT_TRUE(read.top().defects.empty());
  EXPECT_TRUE(read.top().parts.at(0).has(Defect::duplicate_field));
  EXPECT_TRUE(read.top().is_defective());
}

TEST(Message, ParametersAreDecoded) {
  const auto read = message(
      "Content-Type: text/plain; CHARSET=\"utf-8\";\n name*0*=utf-8'de'a%20;\n name*1=b\n\n");
  EXPECT_EQ(read.top().content_type.parameter("charset"), "utf-8");
  EXPECT_EQ(read.top().content_type.parameter("name"), "a b");
  EXPECT_EQ(read.top().content_type.parameter("absent"), "");
}

TEST(Message, BodiesAreDecoded) {
  EXPECT_EQ(message("Content-Transfer-Encoding: base64\n\nSGFs\nbG8=\n").top().decoded_body(),
            "Hallo");
  EXPECT_EQ(message("Content-Transfer-Encoding: Quoted-Printable (c)\n\nGr=C3=BC=\nn \n")
                .top()
                .decoded_body(),
            "Gr\xC3\xBCn\r\n");
  EXPECT_EQ(message("\n x\n").top().decoded_body(), " x\r\n");
}

TEST(Message, EveryDefectHasAName) {
  for (int i = 0; i <= static_cast<int>(Defect::offset_mismatch); ++i)
    EXPECT_NE(mail::name(static_cast<Defect>(i)), "unknown") << i;
}

TEST(Message, ManyThreadsMayParse) {
  std::vector<std::string> told(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& text : told) {
      threads.emplace_back([&text] {
        for (int i = 0; i < 50; ++i) text = outline(message(mixed).top());
      });
    }
  }
  for (const std::string& text : told) EXPECT_EQ(text, outline(message(mixed).top()));
}

}  // namespace
}  // namespace siegel::tests
