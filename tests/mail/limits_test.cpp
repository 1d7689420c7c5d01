#include <string>

#include <gtest/gtest.h>
#include <malloc.h>

#include "gateway/mail/message.h"
#include "gateway/mail/prepare.h"
#include "tests/mail/outline.h"

// A message that is built to exhaust us keeps no parts and says why (STANDARDS §2.6, R-47).
namespace siegel::tests {
namespace {

using mail::Defect;

std::string nested_multiparts(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) {
    const std::string boundary = "level-" + std::to_string(i) + "-end";
    text += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
  }
  return text + "\nx\n";
}

std::string nested_messages(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += "Content-Type: message/rfc822\n\n";
  return text + "Subject: x\n\nx\n";
}

std::string many_parts(int parts) {
  std::string text = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < parts; ++i) text += "--b\n\nx\n";
  return text + "--b--\n";
}

TEST(Limits, R47_ThirtyLevelsAreRead) {
  EXPECT_FALSE(message(nested_multiparts(29)).top().parts.empty());
  EXPECT_FALSE(message(nested_messages(29)).top().parts.empty());
}

TEST(Limits, R47_MoreLevelsMakeTheMessageOpaque) {
  for (const std::string& text : {nested_multiparts(30), nested_messages(30),
                                  nested_multiparts(20'000), nested_messages(20'000)}) {
    const auto read = message(text);
    EXPECT_TRUE(read.top().has(Defect::too_deep));
    EXPECT_TRUE(read.top().parts.empty());
  }
}

TEST(Limits, R47_AThousandPartsAreRead) {
  EXPECT_EQ(message(many_parts(1000)).top().parts.size(), 1000U);
}

TEST(Limits, R47_MorePartsMakeTheMessageOpaque) {
  for (const int parts : {1001, 200'000}) {
    const auto read = message(many_parts(parts));
    EXPECT_TRUE(read.top().has(Defect::too_many_parts));
    EXPECT_TRUE(read.top().parts.empty());
  }
}

TEST(Limits, R47_PartsThatOnlyTheOtherReaderWouldSeeAreBoundedToo) {
  // We take the first Content-Type, GMime the last.
  std::string text = "Content-Type: text/plain\n" + many_parts(100'000);
  EXPECT_TRUE(message(text).top().has(Defect::too_many_parts));
}

TEST(Limits, R47_ALongHeadIsNotReadToItsEnd) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "X-Filler: 0123456789012345678901234567890\n";
  const auto read = message(text + "From: anna@stadt.example\n\nx\n");
  EXPECT_TRUE(read.top().has(Defect::head_too_long));
  EXPECT_EQ(read.top().count("From"), 0U);
}

TEST(Limits, R47_ALongFieldIsNotRead) {
  const auto read = message("Subject: " + std::string(70'000, 'x') + "\n\nx\n");
  EXPECT_TRUE(read.top().has(Defect::head_too_long));
}

TEST(Limits, R47_ALongHeadOfAPartMakesTheMessageOpaque) {
  const auto read =
      message("Content-Type: multipart/mixed; boundary=b\n\n--b\nX-A: " + std::string(70'000, 'x') +
              "\n\n--b--\n");
  EXPECT_TRUE(read.top().has(Defect::head_too_long));
  EXPECT_TRUE(read.top().parts.empty());
}

TEST(Limits, R47_DeepCommentsDoNotNestWithoutEnd) {
  const auto read = message("Content-Type: text/plain " + std::string(60'000, '(') + "\n\nx\n");
  EXPECT_TRUE(read.top().has(Defect::malformed_content_type));
}

std::size_t heap_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(Limits, ALargeMessageIsParsedAndPreparedWithoutACopy) {
  std::string text = crlf(
      "Content-Type: multipart/mixed; boundary=b\n\n"
      "--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n");
  while (text.size() < 50'000'000) text += std::string(76, 'A') + "\r\n";
  const Blob blob(text + "--b--\r\n");

  const auto before = heap_in_use();
  const auto read = mail::Message::parse(blob);
  const auto prepared = mail::prepare(read);
  EXPECT_LT(heap_in_use() - before, 1'000'000U);
  EXPECT_EQ(prepared.entity.size(), blob.size());
}

}  // namespace
}  // namespace siegel::tests
