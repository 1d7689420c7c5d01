#include "gateway/mail/compose.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "gateway/mail/encode.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/scan.h"
#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

/// The body of a written field, and proof that it is one field of proper lines.
std::string body_of(const std::string& field) {
  const auto read = mail::Message::parse(Blob(field + "\r\n"));
  EXPECT_TRUE(read.top().defects.empty()) << field;
  EXPECT_EQ(read.top().fields.size(), 1U) << field;
  std::string_view rest = field;
  while (!rest.empty()) {
    const auto line = mail::take_line(rest);
    EXPECT_TRUE(line.ends_with("\r\n") && line.size() <= 1000) << field;
    EXPECT_FALSE(ascii::trim(line).empty()) << field;
  }
  return std::string(read.top().fields.at(0).body);
}

TEST(MakeField, AsciiStays) {
  EXPECT_EQ(mail::make_field("Subject", "Hello World"), "Subject: Hello World\r\n");
  EXPECT_EQ(mail::make_field("Subject", ""), "Subject:\r\n");
}

TEST(MakeField, R45_NoLineEndGetsThrough) {
  EXPECT_EQ(mail::make_field("Subject", "a\r\nBcc: eve@example.net"),
            "Subject: a Bcc: eve@example.net\r\n");
  EXPECT_EQ(mail::make_field("Subject", std::string_view("a\0b\nc\rd", 7)), "Subject: a b c d\r\n");
}

TEST(MakeField, R45_WhatLooksEncodedIsEncoded) {
  const std::string value = "=?utf-8?q?=0D=0AX?=";
  EXPECT_EQ(mail::decode_text(body_of(mail::make_field("Subject", value))), value);
}

TEST(MakeField, LongTextIsFoldedAt78) {
  std::string value;
  for (int i = 0; i < 50; ++i) value += "word ";
  std::string field = mail::make_field("Subject", value);
  std::string_view rest = field;
  while (!rest.empty()) EXPECT_LE(mail::take_line(rest).size(), 80U);
}

/// Texts made of pieces that are awkward somewhere.
std::string awkward_text(std::mt19937& random) {
  static const std::vector<std::string> pieces{"word",
                                               " ",
                                               "  ",
                                               "\r\n",
                                               "\n",
                                               "\t",
                                               "\xC3\xBC",
                                               "\xE2\x82\xAC",
                                               "=?",
                                               "?=",
                                               "=",
                                               "_",
                                               "\xFF",
                                               "\xC3",
                                               "a b",
                                               "\"",
                                               "\\",
                                               ",",
                                               "=?utf-8?q?x?=",
                                               std::string(200, 'x'),
                                               std::string(1200, 'y'),
                                               std::string(1, '\0'),
                                               "\xF0\x9F\x94\x92",
                                               "\xE2\x80\x8B",
                                               ":",
                                               "From ",
                                               "."};
  std::string text;
  for (auto count = random() % 12; count > 0; --count) text += pieces[random() % pieces.size()];
  return text;
}

TEST(MakeField, R45_AnyTextComesBackAsItself) {
  std::mt19937 random(45);
  for (int i = 0; i < 5000 && !testing::Test::HasFailure(); ++i) {
    const std::string text = awkward_text(random);
    const std::string field = mail::make_field("Subject", text);
    EXPECT_EQ(mail::decode_text(body_of(field)), mail::clean_text(text)) << field;
  }
}

TEST(MakeStructuredField, R45_OnlyPrintableAsciiIsWritten) {
  EXPECT_EQ(mail::make_structured_field("X-A", "a\r\nb\xC3\xBC"), "X-A: a??b??\r\n");
  std::mt19937 random(46);
  for (int i = 0; i < 1000; ++i) {
    const std::string body = body_of(mail::make_structured_field("X-A", awkward_text(random)));
    EXPECT_EQ(body.find('\0'), std::string::npos);
  }
}

TEST(MakeParameter, R45_ComesBackAsItself) {
  std::mt19937 random(47);
  for (int i = 0; i < 2000 && !testing::Test::HasFailure(); ++i) {
    const std::string text = awkward_text(random);
    const std::string field = mail::make_structured_field(
        "Content-Type", "text/plain; " + mail::make_parameter("name", text));
    std::vector<mail::Defect> defects;
    const auto type = mail::parse_content_type(body_of(field), defects);
    EXPECT_EQ(type.parameter("name"), mail::clean_text(text)) << field;
    EXPECT_TRUE(defects.empty()) << field;
  }
}

TEST(MakeParameter, IsQuotedOrEncodedOnlyIfNeeded) {
  EXPECT_EQ(mail::make_parameter("name", "a.pdf"), "name=a.pdf");
  EXPECT_EQ(mail::make_parameter("name", "x y"), "name=\"x y\"");
  EXPECT_EQ(mail::make_parameter("name", "\xC3\xBC.pdf"), "name*=utf-8''%C3%BC.pdf");
  EXPECT_EQ(mail::make_parameter("name", ""), "name=\"\"");
}

TEST(MakeBoundary, IsRandomAndTokenSafe) {
  const std::string boundary = mail::make_boundary({"content"});
  EXPECT_NE(boundary, mail::make_boundary({"content"}));
  EXPECT_LE(boundary.size(), 70U);
  EXPECT_EQ(boundary.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789=_-"),
            std::string::npos);
}

TEST(IsContentField, KnowsThePrefixInAnyCase) {
  EXPECT_TRUE(mail::is_content_field({{}, "content-TYPE", {}}));
  EXPECT_FALSE(mail::is_content_field({{}, "X-Content-Type", {}}));
}

}  // namespace
}  // namespace siegel::tests
