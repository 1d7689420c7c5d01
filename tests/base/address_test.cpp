#include "base/address.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using namespace std::string_literals;

/// "local@domain" as it is kept, or "refused".
std::string taken(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? address->str() : "refused";
}

Address address(std::string_view text) {
  return Address::parse(text).value();
}

AddressPattern pattern(std::string_view text) {
  return AddressPattern::parse(text).value();
}

bool matches(std::string_view rule, std::string_view mailbox) {
  return pattern(rule).matches(address(mailbox));
}

bool covers(std::string_view earlier, std::string_view later) {
  return pattern(earlier).covers(pattern(later));
}

TEST(Address, KeepsTheLocalPartAndFoldsTheDomain) {
  EXPECT_EQ(taken("Bauamt@Stadt.EXAMPLE"), "Bauamt@stadt.example");
  EXPECT_EQ(taken("a.b+c=d_e-f@x.example"), "a.b+c=d_e-f@x.example");
  EXPECT_EQ(taken("x@localhost"), "x@localhost");
}

TEST(Address, LimitsOfRfc5321) {
  const std::string local(64, 'a');
  EXPECT_EQ(taken(local + "@x.example"), local + "@x.example");
  EXPECT_EQ(taken(local + "a@x.example"), "refused");
  const std::string label(63, 'b');
  EXPECT_EQ(taken("a@" + label + ".example"), "a@" + label + ".example");
  EXPECT_EQ(taken("a@" + label + "b.example"), "refused");
  const std::string domain = label + '.' + label + '.' + label + '.' + label;  // 255 octets
  EXPECT_EQ(taken("a@" + domain), "a@" + domain);
  EXPECT_EQ(taken("a@" + domain + ".c"), "refused");
}

TEST(Address, IsNoDotAtom) {
  for (const auto* text : {"", "@", "a", "a@", "@x.example", ".a@x.example", "a.@x.example",
                           "a..b@x.example", "a(c)@x.example", "a,b@x.example", "<a@x.example>",
                           "a@b@x.example", "@route:a@x.example", "A B <a@x.example>"})
    EXPECT_EQ(taken(text), "refused") << text;
}

TEST(Address, IsNoDomain) {
  for (const auto* domain :
       {".example", "x.example.", "x..example", "-x.example", "x-.example", "x_y.example",
        "x example", "[192.0.2.1]", "[IPv6:::1]", "192.0.2.1", "x.example:25", "x.example/y"})
    EXPECT_EQ(taken("a@"s + domain), "refused") << domain;
}

TEST(Address, R54_RoutingCharactersAreRefused) {
  EXPECT_EQ(taken("bauamt%stadt.example@relay.example"), "refused");
  EXPECT_EQ(taken("relay.example!bauamt@stadt.example"), "refused");
  EXPECT_EQ(taken("\"bauamt@stadt.example\"@relay.example"), "refused");
  EXPECT_EQ(taken("\"bauamt%stadt.example\"@relay.example"), "refused");
}

TEST(Address, Cve2026_2748_WhiteSpaceIsRefusedAnywhere) {
  for (const auto* text :
       {" a@x.example", "a@x.example ", "a @x.example", "a@ x.example", "a\t@x.example",
        "a@x.example\r", "a@x.example\n", "a\r\n@x.example", "a@x.\nexample", "a@x.example\v"})
    EXPECT_EQ(taken(text), "refused") << testing::PrintToString(text);
}

TEST(Address, Cve2026_2748_UnicodeWhiteSpaceAndUnseenCharactersAreRefused) {
  for (const auto* unseen :
       {"\u00A0", "\u1680", "\u2003", "\u2028", "\u202F", "\u205F", "\u3000", "\u0085", "\u200B",
        "\u202E", "\u2066", "\u00AD", "\uFEFF", "\uFE0F", "\U000E0041"}) {
    EXPECT_EQ(taken("a"s + unseen + "b@x.example"), "refused") << testing::PrintToString(unseen);
    EXPECT_EQ(taken("\u00E4"s + unseen + "@x.example"), "refused");
  }
}

TEST(Address, Cve2026_27444_QuotedLocalPartsThatNeedTheirQuotesAreRefused) {
  for (const auto* text :
       {R"("a b"@x.example)", R"("a\"b"@x.example)", R"("a@b"@x.example)", R"(""@x.example)",
        R"("a.."@x.example)", R"("a\\"@x.example)", R"("a@x.example)", R"(a"@x.example)",
        R"("a"b"@x.example)", R"("a"."b"@x.example)"})
    EXPECT_EQ(taken(text), "refused") << text;
}

TEST(Address, NeedlessQuotesAreDropped) {
  EXPECT_EQ(taken(R"("bau.amt"@stadt.example)"), "bau.amt@stadt.example");
}

TEST(Address, NulAndControlsAreRefused) {
  EXPECT_EQ(taken("a\0@x.example"s), "refused");
  EXPECT_EQ(taken("a@x.example\0.evil.example"s), "refused");
  EXPECT_EQ(taken("a@b\u00FC\0r.example"s), "refused");
  EXPECT_EQ(taken("a\x1B@x.example"), "refused");
  EXPECT_EQ(taken("a\x7F@x.example"), "refused");
}

TEST(Address, InternationalDomainsBecomeALabels) {
  EXPECT_EQ(taken("a@B\u00DCRO.example"), "a@xn--bro-hoa.example");
  EXPECT_EQ(taken("a@xn--BRO-hoa.example"), "a@xn--bro-hoa.example");
  EXPECT_EQ(taken("a@bu\u0308ro.example"), "a@xn--bro-hoa.example");  // decomposed
  EXPECT_EQ(taken("a@stra\u00DFe.example"), "a@xn--strae-oqa.example");
}

TEST(Address, DomainsThatIdnaRefuses) {
  for (const auto* domain :
       {"xn--.example", "xn--\u00FC.example", "xn--a.example", "b\u200Bro\u202E.example",
        "\u2603\u0338.\u0301x.example", "y\uFF20evil.example", "\u2100.example"})
    EXPECT_EQ(taken("a@"s + domain), "refused") << domain;
}

TEST(Address, BadUtf8IsRefused) {
  EXPECT_EQ(taken("a\xC0\x80@x.example"), "refused");
  EXPECT_EQ(taken("a\xFF@x.example"), "refused");
  EXPECT_EQ(taken("a@\xC3.example"), "refused");
}

TEST(Address, SaysWhetherItNeedsSmtpUtf8) {
  EXPECT_TRUE(address("b\u00FCro@x.example").is_international());
  EXPECT_FALSE(address("buero@b\u00FCro.example").is_international());
}

TEST(Address, FoldsTheLocalPartOnlyWhenAsked) {
  EXPECT_NE(address("Bauamt@stadt.example"), address("bauamt@stadt.example"));
  EXPECT_TRUE(address("Bauamt@stadt.example").equals_folded(address("bauamt@Stadt.example")));
  EXPECT_FALSE(address("bauamt@stadt.example").equals_folded(address("bauamt@dorf.example")));
}

TEST(AddressPattern, Matches) {
  EXPECT_TRUE(matches("*", "anna@stadt.example"));
  EXPECT_TRUE(matches("Anna@Stadt.example", "anna@stadt.example"));
  EXPECT_FALSE(matches("anna@stadt.example", "hanna@stadt.example"));
  EXPECT_TRUE(matches("*@stadt.example", "anna@stadt.example"));
  EXPECT_FALSE(matches("*@stadt.example", "anna@amt.stadt.example"));
  EXPECT_FALSE(matches("*@stadt.example", "anna@vorstadt.example"));
}

TEST(AddressPattern, SubDomainsAreNotTheDomainItself) {
  EXPECT_TRUE(matches("*@*.stadt.example", "anna@amt.stadt.example"));
  EXPECT_TRUE(matches("*@*.stadt.example", "anna@a.b.stadt.example"));
  EXPECT_FALSE(matches("*@*.stadt.example", "anna@stadt.example"));
  EXPECT_FALSE(matches("*@*.stadt.example", "anna@vorstadt.example"));
}

TEST(AddressPattern, InternationalDomains) {
  EXPECT_TRUE(matches("*@b\u00FCro.example", "anna@xn--bro-hoa.example"));
}

TEST(AddressPattern, RefusesWhatWouldNeverMatch) {
  for (const auto* text : {"", "anna", "@stadt.example", "info*@stadt.example", "*@*", "*@",
                           "a b@stadt.example", "a\u00A0@stadt.example", "*@st*dt.example",
                           "anna@*.", "*@192.0.2.1", "a\xFF@stadt.example"})
    EXPECT_FALSE(AddressPattern::parse(text)) << text;
}

TEST(AddressPattern, Covers) {
  EXPECT_TRUE(covers("*", "*@*.stadt.example"));
  EXPECT_TRUE(covers("*@stadt.example", "Anna@stadt.example"));
  EXPECT_TRUE(covers("*@*.example", "*@*.stadt.example"));
  EXPECT_TRUE(covers("*@*.example", "anna@stadt.example"));
  EXPECT_FALSE(covers("*@*.stadt.example", "*@stadt.example"));
  EXPECT_FALSE(covers("*@stadt.example", "*@*.stadt.example"));
  EXPECT_FALSE(covers("anna@stadt.example", "*@stadt.example"));
  EXPECT_FALSE(covers("*@*.example", "*"));
}

}  // namespace
}  // namespace siegel::tests
