#include "base/utf8.h"

#include <gmock/gmock.h>

#include "base/hex.h"

namespace siegel::tests {
namespace {

using namespace std::string_literals;

std::string encoded(char32_t value) {
  std::string text;
  append_utf8(text, value);
  return text;
}

TEST(Utf8, EveryLengthRoundTrips) {
  for (const char32_t value : {U'\x00', U'\x7F', U'\x80', U'\u07FF', U'\u0800', U'\uD7FF',
                               U'\uE000', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
    const auto point = first_code_point(encoded(value) + "rest");
    ASSERT_TRUE(point) << static_cast<std::uint32_t>(value);
    EXPECT_EQ(point->value, value);
    EXPECT_EQ(point->octets, encoded(value).size());
  }
}

TEST(Utf8, OverLongFormsAreRefused) {
  for (const auto* text : {"\xC0\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xE0\x9F\xBF",
                           "\xF0\x80\x80\xAF", "\xF0\x8F\xBF\xBF"})
    EXPECT_FALSE(is_utf8(text)) << hex(text);
}

TEST(Utf8, SurrogatesAreRefused) {
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xED\xBF\xBF"));
  EXPECT_FALSE(is_utf8("\xED\xA0\xBD\xED\xB8\x80"));  // a pair (CESU-8)
}

TEST(Utf8, BeyondUnicodeIsRefused) {
  for (const auto* text : {"\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80",
                           "\xFC\x84\x80\x80\x80\x80", "\xFE", "\xFF"})
    EXPECT_FALSE(is_utf8(text)) << hex(text);
}

TEST(Utf8, CutOrStrayOctetsAreRefused) {
  for (const auto* text : {"\x80", "a\xBF", "\xC3", "\xC3\x28", "\xE2\x82", "\xE2\x28\xA1",
                           "\xF0\x9F\x98", "\xC3\xC3\xBC"})
    EXPECT_FALSE(is_utf8(text)) << hex(text);
  EXPECT_FALSE(first_code_point(""));
  EXPECT_TRUE(is_utf8(""));
}

TEST(Printable, R46_ControlsAreEscaped) {
  EXPECT_EQ(printable("a\r\nb\tc"), R"(a\x0d\x0ab\x09c)");
  EXPECT_EQ(printable("\x1B[31mred\x7F"), R"(\x1b[31mred\x7f)");
  EXPECT_EQ(printable("a\0b"s), R"(a\x00b)");
  EXPECT_EQ(printable("\u0085\u009B"), R"(\u{85}\u{9b})");
}

TEST(Printable, R46_BidiAndUnseenCharactersAreEscaped) {
  EXPECT_EQ(printable("\u202Eexe.pdf\u202C"), R"(\u{202e}exe.pdf\u{202c})");
  EXPECT_EQ(printable("\u2066x\u2069\u200B\u00AD\uFEFF"),
            R"(\u{2066}x\u{2069}\u{200b}\u{ad}\u{feff})");
  EXPECT_EQ(printable("\u2028\U000E0041"), R"(\u{2028}\u{e0041})");
}

TEST(Printable, BadOctetsAreEscapedOneByOne) {
  EXPECT_EQ(printable("\xC3\x28\xFF"), R"(\xc3(\xff)");
}

TEST(Printable, TextIsLeftAlone) {
  EXPECT_EQ(printable("Straßenbauamt „Süd“ 🏛"), "Straßenbauamt „Süd“ 🏛");
}

TEST(Printable, R46_LengthIsLimited) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("üüüü", 4), "üü…");
  EXPECT_LT(printable(std::string(100000, '\n'), 400).size(), 420U);
}

}  // namespace
}  // namespace siegel::tests
