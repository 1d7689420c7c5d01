#include "gateway/mail/transfer_encoding.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "gateway/mail/compose.h"
#include "gateway/mail/survey.h"

namespace siegel::tests {
namespace {

using mail::decode_base64;
using mail::decode_quoted_printable;
using mail::is_clean_base64;
using mail::to_base64_lines;
using mail::to_quoted_printable;

TEST(Base64, KnowsTheVectorsOfRfc4648) {
  EXPECT_EQ(to_base64_lines(""), "");
  EXPECT_EQ(to_base64_lines("f"), "Zg==\r\n");
  EXPECT_EQ(to_base64_lines("fo"), "Zm8=\r\n");
  EXPECT_EQ(to_base64_lines("foo"), "Zm9v\r\n");
  EXPECT_EQ(to_base64_lines("foobar"), "Zm9vYmFy\r\n");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
}

TEST(Base64, LinesHave76Columns) {
  const std::string lines = to_base64_lines(std::string(58, 'x'));
  EXPECT_EQ(lines.find("\r\n"), 76U);
  EXPECT_EQ(to_base64_lines(std::string(57, 'x')).size(), 78U);
}

TEST(Base64, R49_JunkIsSeen) {
  EXPECT_TRUE(is_clean_base64("Zm9v\r\nYmFy\r\n"));
  EXPECT_TRUE(is_clean_base64(""));
  EXPECT_TRUE(is_clean_base64("Zg=="));
  EXPECT_FALSE(is_clean_base64("Zm9v!mFy"));
  EXPECT_FALSE(is_clean_base64("Zm9"));
  EXPECT_FALSE(is_clean_base64("Zg==Zg=="));
  EXPECT_FALSE(is_clean_base64("Zg= ="));
  EXPECT_FALSE(is_clean_base64("Z==="));
  EXPECT_FALSE(is_clean_base64("=="));
}

TEST(QuotedPrintable, FollowsTheRulesOfRfc2045) {
  EXPECT_EQ(to_quoted_printable("a=b \r\n\tc\t\r\n"), "a=3Db=20\r\n\tc=09\r\n");
  EXPECT_EQ(decode_quoted_printable("a=3db =\r\nc \t\r\nd=XY=\r\n"), "a=b c\r\nd=XY");
  EXPECT_EQ(to_quoted_printable("From a\r\n.\r\n.."), "=46rom a\r\n=2E\r\n..");
  EXPECT_EQ(to_quoted_printable("a\nb\rc"), "a=0Ab=0Dc");
}

TEST(QuotedPrintable, AnyOctetsComeBackAndAreSafe) {
  std::mt19937 random(2045);
  for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) {
    std::string octets;
    static constexpr std::string_view likely = " \t\r\n.=FromF a\xC3\xBCx";
    for (auto size = random() % 300; size > 0; --size)
      octets +=
          random() % 4 == 0 ? static_cast<char>(random() % 256) : likely[random() % likely.size()];
    const std::string text = to_quoted_printable(octets);
    EXPECT_EQ(decode_quoted_printable(text), octets);
    EXPECT_TRUE(mail::survey(text).is_safe()) << text;
    std::string_view rest = text;
    for (auto end = rest.find("\r\n"); end != std::string_view::npos; end = rest.find("\r\n")) {
      EXPECT_LE(end, 76U);
      rest.remove_prefix(end + 2);
    }
    EXPECT_LE(rest.size(), 76U);
  }
}

TEST(Base64, AnyOctetsComeBack) {
  std::mt19937 random(4648);
  for (int i = 0; i < 500; ++i) {
    std::string octets;
    for (auto size = random() % 300; size > 0; --size) octets += static_cast<char>(random() % 256);
    EXPECT_EQ(decode_base64(to_base64_lines(octets)), octets);
    EXPECT_TRUE(is_clean_base64(to_base64_lines(octets)));
  }
}

}  // namespace
}  // namespace siegel::tests
