// Forms, cookies, ranges, file names, chunks: what foreign text is taken for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/utf8.h"
#include "gateway/portal/body.h"
#include "gateway/portal/chunks.h"
#include "gateway/portal/content_disposition.h"
#include "gateway/portal/cookies.h"
#include "gateway/portal/fields.h"
#include "gateway/portal/form.h"
#include "gateway/portal/range.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

// --- forms ---------------------------------------------------------------------------------------

TEST(Form, IsDecoded) {
  const auto form = portal::parse_form("name=M%C3%BCller+%26+S%C3%B6hne&to=a&to=b&empty=&bare&&");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("name"), "M\u00FCller & S\u00F6hne");
  EXPECT_THAT(form->all("to"), testing::ElementsAre("a", "b"));
  EXPECT_EQ(form->get("empty"), "");
  EXPECT_EQ(form->get("bare"), "");
  EXPECT_FALSE(form->get("other"));
}

TEST(Form, WhatIsNotWellFormedIsRefused) {
  for (const char* const text : {"a=%", "a=%g0", "a=%ff", "%c3=a", "a=%00", "a=%ed%a0%80"})
    EXPECT_FALSE(portal::parse_form(text)) << text;
}

TEST(Form, LimitsHold) {
  EXPECT_TRUE(portal::parse_form("a=1&b=2", {7, 2}));
  EXPECT_FALSE(portal::parse_form("a=1&b=2", {6, 2}));
  EXPECT_FALSE(portal::parse_form("a=1&b=2", {7, 1}));
}

// --- cookies -------------------------------------------------------------------------------------

TEST(Cookies, AreFoundByTheirName) {
  EXPECT_EQ(portal::cookie_value("a=1; __Host-s=abc; b=\"2\"", "__Host-s"), "abc");
  EXPECT_EQ(portal::cookie_value("b=\"2\"", "b"), "2");
  EXPECT_FALSE(portal::cookie_value("ab=1", "b"));
  EXPECT_FALSE(portal::cookie_value("b", "b"));
}

TEST(Cookies, OnePutBeforeOursHidesNothing) {
  EXPECT_FALSE(portal::cookie_value("s=foreign; s=ours", "s"));
  EXPECT_EQ(portal::cookie_value("s=ours; s=ours", "s"), "ours");
}

TEST(Cookies, AreNotLookedAtBeyondTheLimits) {
  EXPECT_FALSE(portal::cookie_value(std::string(9000, ';') + "s=1", "s"));
  EXPECT_FALSE(portal::cookie_value("s=a b", "s"));
}

TEST(Cookies, AreSetWithAllTheirGuards) {
  EXPECT_EQ(portal::set_cookie("__Host-s", "abc", 60),
            "__Host-s=abc; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax");
  EXPECT_THROW(static_cast<void>(portal::set_cookie("s", "a;b")), Error);
}

// --- ranges --------------------------------------------------------------------------------------

std::string chosen(const std::string& range, std::uint64_t size) {
  const auto choice = portal::choose_range({range, std::nullopt}, size, "\"e\"");
  using Kind = portal::RangeChoice::Kind;
  if (choice.kind == Kind::whole) return "whole";
  return choice.kind == Kind::part ? portal::content_range(choice.range, size)
                                   : portal::unsatisfied_range(size);
}

TEST(Range, OneIsTaken) {
  EXPECT_EQ(chosen("bytes=0-0", 10), "bytes 0-0/10");
  EXPECT_EQ(chosen("bytes=2-", 10), "bytes 2-9/10");
  EXPECT_EQ(chosen("bytes=-3", 10), "bytes 7-9/10");
  EXPECT_EQ(chosen("Bytes=5-99", 10), "bytes 5-9/10");
  EXPECT_EQ(chosen("bytes=-99", 10), "bytes 0-9/10");
  EXPECT_EQ(chosen("bytes=0-99999999999999999999999", 10), "bytes 0-9/10");
}

TEST(Range, WhatCannotBeSatisfiedIs416) {
  EXPECT_EQ(chosen("bytes=10-", 10), "bytes */10");
  EXPECT_EQ(chosen("bytes=-0", 10), "bytes */10");
  EXPECT_EQ(chosen("bytes=0-", 0), "bytes */0");
  EXPECT_EQ(chosen("bytes=99999999999999999999999-", 10), "bytes */10");
}

TEST(Range, WhatIsNotUnderstoodIsTheWhole) {
  for (const char* const range :
       {"", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=1-2,3-4",
        "bytes=0-,0-,0-", "lines=1-2", "bytes=1--2", "bytes=+1-2", "bytes= 1 - 2"})
    EXPECT_EQ(chosen(range, 10), "whole") << range;
}

TEST(Range, IfRangeTakesTheStrongTagOnly) {
  using Kind = portal::RangeChoice::Kind;
  const auto kind = [](const char* if_range, const char* etag) {
    return portal::choose_range({"bytes=1-2", if_range}, 10, etag).kind;
  };
  EXPECT_EQ(kind("\"e\"", "\"e\""), Kind::part);
  EXPECT_EQ(kind("\"f\"", "\"e\""), Kind::whole);
  EXPECT_EQ(kind("W/\"e\"", "W/\"e\""), Kind::whole);
  EXPECT_EQ(kind("Sat, 21 Nov 2026 23:10:56 GMT", "\"e\""), Kind::whole);
}

// --- file names ----------------------------------------------------------------------------------

TEST(FileName, CVE_2026_2743_PathsBecomeNames) {
  EXPECT_EQ(portal::safe_file_name("../../etc/passwd"), "_.._etc_passwd");
  EXPECT_EQ(portal::safe_file_name("C:\\Windows\\x.exe"), "C__Windows_x.exe");
  EXPECT_EQ(portal::safe_file_name(".."), "file");
  EXPECT_EQ(portal::safe_file_name(""), "file");
  EXPECT_EQ(portal::safe_file_name(" .bashrc. "), "bashrc");
}

TEST(FileName, DevicesOfWindowsGetAnotherName) {
  for (const char* const name : {"CON", "con.txt", "Aux.tar.gz", "NUL", "COM1", "lpt9.log",
                                 "COM\u00B2", "CONOUT$", "con .txt"})
    EXPECT_EQ(portal::safe_file_name(name), std::string("_") + name);
  EXPECT_EQ(portal::safe_file_name("COM10"), "COM10");
  EXPECT_EQ(portal::safe_file_name("Contract"), "Contract");
}

TEST(FileName, NothingHidesInIt) {
  EXPECT_EQ(portal::safe_file_name("Rechnung\u202Efdp.exe"), "Rechnungfdp.exe");
  EXPECT_EQ(portal::safe_file_name(std::string("a\0b\r\nc\x1B[31m\x7F", 12)), "abc[31m");
  EXPECT_EQ(portal::safe_file_name("a\u200Bb\uFEFF\u0085\u2028"), "ab");
  EXPECT_EQ(portal::safe_file_name("a\xFF\xC3"), "a__");
}

TEST(FileName, LongOnesKeepTheirExtension) {
  const std::string name = portal::safe_file_name(std::string(4000, 'x') + ".pdf");
  EXPECT_EQ(name.size(), 200U);
  EXPECT_TRUE(name.ends_with("xx.pdf"));
  std::string umlauts;
  for (int i = 0; i < 2000; ++i) umlauts += "\u00E4";
  EXPECT_TRUE(is_utf8(portal::safe_file_name("a" + umlauts)));
}

TEST(FileName, R45_TheFieldHoldsBothForms) {
  EXPECT_EQ(portal::attachment_disposition("Bauplan M\u00FCnchen.pdf"),
            "attachment; filename=\"Bauplan M_nchen.pdf\"; "
            "filename*=UTF-8''Bauplan%20M%C3%BCnchen.pdf");
  const std::string nasty = portal::attachment_disposition("a\"; x=\r\nSet-Cookie: y=%41\\.txt");
  EXPECT_TRUE(portal::is_field_value(nasty));
  EXPECT_EQ(std::count(nasty.begin(), nasty.end(), '"'), 2);
}

// --- fields --------------------------------------------------------------------------------------

TEST(Fields, R45_NothingBreaksTheHeadApart) {
  portal::Fields fields;
  EXPECT_THROW(fields.add("X", "a\r\nSet-Cookie: b"), Error);
  EXPECT_THROW(fields.add("X: y\r\nZ", "a"), Error);
  EXPECT_THROW(fields.add("X", std::string("a\0b", 3)), Error);
}

// --- chunks --------------------------------------------------------------------------------------

// The data, and "!" where the framing is bad, "~" where it is not complete.
std::string unchunked(std::string_view octets) {
  portal::Chunks chunks;
  std::string data;
  while (true) {
    using State = portal::Chunks::State;
    if (chunks.state() == State::ended) return data + std::string(octets);
    if (chunks.state() == State::bad) return "!";
    if (octets.empty()) return data + "~";
    if (chunks.state() == State::framing) {
      octets.remove_prefix(chunks.take(octets.substr(0, 1)));
      continue;
    }
    const auto count = std::min<std::size_t>(octets.size(), chunks.left());
    data += octets.substr(0, count);
    chunks.data_taken(count);
    octets.remove_prefix(count);
  }
}

TEST(Chunks, AreJoined) {
  EXPECT_EQ(unchunked("3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n|rest"),
            "abc0123456789|rest");
  EXPECT_EQ(unchunked("0\r\n\r\n"), "");
  EXPECT_EQ(unchunked("5\r\nab"), "ab~");
}

TEST(Chunks, SmugglingByOddFramingIsRefused) {
  for (const char* const octets :
       {"\r\n", "x\r\n", " 3\r\nabc\r\n", "3 \r\nabc\r\n", "-3\r\n", "0x3\r\n", "3\nabc",
        "3\rabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\n0\r\n", "3;a\nb\r\n", "3;a\rb\r\n",
        "ffffffffffffffff\r\n", "0\r\n\n", "0\r\na\n\r\n"})
    EXPECT_EQ(unchunked(octets), "!") << octets;
}

TEST(Chunks, ExtensionsAreBounded) {
  EXPECT_EQ(unchunked("1;" + std::string(20000, 'x')), "!");
  std::string drops;
  for (int i = 0; i < 40; ++i) drops += "1;" + std::string(1000, 'x') + "\r\na\r\n";
  EXPECT_EQ(unchunked(drops), "!");
}

// --- bodies --------------------------------------------------------------------------------------

TEST(Body, TextHasALimit) {
  EXPECT_EQ(portal::Body::of("abc").text(3), "abc");
  EXPECT_FALSE(portal::Body::of("abcd").text(3));
  EXPECT_EQ(portal::Body().text(0), "");
}

TEST(Body, WhatBreaksOffIsNoText) {
  const auto broken = [] { return portal::Body([](std::span<char>) { return std::nullopt; }, 9); };
  EXPECT_THROW(static_cast<void>(broken().text(10)), Error);
  std::array<char, 4> octets{};
  EXPECT_FALSE(broken().try_read(octets));
}

}  // namespace
}  // namespace siegel::tests
