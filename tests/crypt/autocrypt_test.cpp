#include "gateway/crypt/autocrypt.h"

#include <gtest/gtest.h>

#include "gateway/mail/compose.h"
#include "gateway/mail/date.h"
#include "tests/crypt/post.h"

namespace siegel::tests {
namespace {

// base64 of "key"
const std::string good = "Autocrypt: addr=anna@buerger.example; keydata=a2V5\r\n";

std::optional<crypt::autocrypt::Said> said(const std::string& fields,
                                           const std::string& entity = text_entity) {
  return crypt::autocrypt::read(parsed(letter(entity, fields)).top());
}

TEST(Autocrypt, S4_3_5_KeyOfTheAuthorIsRead) {
  ASSERT_TRUE(said(good));
  EXPECT_EQ(said(good)->key, "key");
  EXPECT_FALSE(said(good)->prefers_encryption);
}

TEST(Autocrypt, S4_3_5_PreferenceIsRead) {
  const std::string begin = "Autocrypt: addr=anna@buerger.example; prefer-encrypt=";
  EXPECT_TRUE(said(begin + "mutual; keydata=a2V5\r\n")->prefers_encryption);
  EXPECT_FALSE(said(begin + "nopreference; keydata=a2V5\r\n")->prefers_encryption);
  EXPECT_FALSE(said(begin + "always; keydata=a2V5\r\n")->prefers_encryption);
}

TEST(Autocrypt, FoldedKeyIsJoined) {
  EXPECT_EQ(said("Autocrypt: addr=anna@buerger.example;\r\n keydata= a2\r\n V5\r\n")->key, "key");
}

TEST(Autocrypt, WithoutTheFieldThereIsNothing) {
  EXPECT_FALSE(said(""));
}

TEST(Autocrypt, S4_3_5_WhatIsSaidOfSomebodyElseDoesNotCount) {
  EXPECT_FALSE(said("Autocrypt: addr=eva@firma.example; keydata=a2V5\r\n"));
  EXPECT_FALSE(said("Autocrypt: keydata=a2V5\r\n"));
}

TEST(Autocrypt, S4_3_5_UnknownAttributesCountUnlessTheyBeginWithALowLine) {
  EXPECT_FALSE(said("Autocrypt: addr=anna@buerger.example; new=1; keydata=a2V5\r\n"));
  EXPECT_TRUE(said("Autocrypt: addr=anna@buerger.example; _new=1; keydata=a2V5\r\n"));
}

TEST(Autocrypt, S4_3_5_OfTwoValidFieldsNoneIsTakenAndInvalidOnesDoNotCount) {
  EXPECT_FALSE(said(good + good));
  EXPECT_TRUE(said(good + "Autocrypt: addr=eva@firma.example; keydata=a2V5\r\n"));
  EXPECT_TRUE(said(good + "Autocrypt: nonsense\r\n"));
}

TEST(Autocrypt, R16_SeveralAuthorsSayNothing) {
  EXPECT_FALSE(said(good + "From: eva@firma.example\r\n"));
}

TEST(Autocrypt, S4_3_5_ReportsSayNothing) {
  EXPECT_FALSE(said(good, "Content-Type: multipart/report; boundary=b\r\n\r\n--b--\r\n"));
}

TEST(Autocrypt, DoubledAttributesAndBrokenKeysDoNotCount) {
  const std::string begin = "Autocrypt: addr=anna@buerger.example; ";
  EXPECT_FALSE(said(begin + "addr=anna@buerger.example; keydata=a2V5\r\n"));
  EXPECT_FALSE(said(begin + "keydata=\r\n"));
  EXPECT_FALSE(said(begin + "keydata=a2<V5\r\n"));
}

TEST(Autocrypt, AKeyOverTheLimitDoesNotCount) {
  std::string lines = mail::to_base64_lines(std::string(66'000, 'k'));
  for (auto at = lines.find("\r\n"); at != std::string::npos; at = lines.find("\r\n", at + 3))
    lines.insert(at + 2, " ");
  EXPECT_FALSE(said("Autocrypt: addr=anna@buerger.example; keydata=" + lines));
}

TEST(Autocrypt, OurFieldIsReadAsWeMeanIt) {
  pki::OpenPgpKey key;
  for (int i = 0; i < 700; ++i) key.octets += static_cast<char>(i % 251);
  const auto author = *Address::parse(anna_address);
  const std::string field = crypt::autocrypt::make_field(author, key);
  const auto read = said(field);
  ASSERT_TRUE(read) << field;
  EXPECT_EQ(read->key, key.octets);
  EXPECT_TRUE(read->prefers_encryption);
  for (std::size_t at = 0; at < field.size(); at = field.find('\n', at) + 1)
    EXPECT_LE(field.find('\r', at) - at, 78U);
}

// --- Date

std::string read_date(std::string_view text) {
  const auto time = mail::parse_date(text);
  return time ? rfc3339(*time) : "none";
}

TEST(Date, IsReadWithItsZone) {
  EXPECT_EQ(read_date("Mon, 01 Jun 2026 14:00:00 +0200"), "2026-06-01T12:00:00Z");
  EXPECT_EQ(read_date("1 Jun 2026 14:00 -0130"), "2026-06-01T15:30:00Z");
  EXPECT_EQ(read_date("Mon,  1 jun 2026 14:00:60 GMT"), "2026-06-01T14:00:59Z");
}

TEST(Date, WhatIsNoneIsNone) {
  for (const char* const text :
       {"", "today", "31 Feb 2026 14:00:00 +0000", "1 Jun 26 14:00:00 +0000",
        "1 Jun 2026 25:00:00 +0000", "1 Jun 2026 14:00:00 Z", "1 Jun 2026 14:00:00 +0",
        "1 Jun 2026 14:00:00 +0000 more", "1 Jun 2026 1400 +0000"}) {
    EXPECT_EQ(read_date(text), "none") << text;
  }
}

TEST(Date, OfAMessageIsThatOfItsOnlyField) {
  EXPECT_TRUE(mail::date(parsed(letter(text_entity)).top()));
  EXPECT_FALSE(mail::date(parsed(letter(text_entity, "Date: x\r\n")).top()));
}

}  // namespace
}  // namespace siegel::tests
