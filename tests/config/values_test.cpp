#include "config/values.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using namespace config;

using Duration = std::chrono::seconds;
using Size = std::uint64_t;

/// `text` read and written again, or "refused".
template <typename T>
std::string again(std::string_view text) {
  const auto value = Form<T>::read(text, "/etc/siegel");
  return value ? Form<T>::write(*value) : "refused";
}

TEST(Values, Durations) {
  EXPECT_EQ(again<Duration>("30s"), "30 s");
  EXPECT_EQ(again<Duration>("5 min"), "5 min");
  EXPECT_EQ(again<Duration>("120 min"), "2 h");
  EXPECT_EQ(again<Duration>("48 h"), "2 d");
  EXPECT_EQ(again<Duration>("90 s"), "90 s");
  EXPECT_EQ(again<Duration>("0 s"), "0 s");
  EXPECT_EQ(Form<Duration>::read("5 d", {}), 120h);
}

TEST(Values, Sizes) {
  EXPECT_EQ(Form<Size>::read("50 MB", {}), 52428800U);
  EXPECT_EQ(again<Size>("10KB"), "10 KB");
  EXPECT_EQ(again<Size>("1024 MB"), "1 GB");
  EXPECT_EQ(again<Size>("1500 B"), "1500 B");
}

TEST(Values, AmountsThatAreNone) {
  for (const auto* text : {"", "30", "s", "-5 min", "1.5 h", "5 m", "5 minutes", "5 MIN", "+5 s",
                           "99999999999999999999 s", "9223372036854775807 d", "5 s s", " 5 s"})
    EXPECT_EQ(again<Duration>(text), "refused") << text;
  for (const auto* text : {"50", "50 mb", "50 MiB", "8589934592 GB", "1,5 MB"})
    EXPECT_EQ(again<Size>(text), "refused") << text;
}

TEST(Values, Counts) {
  EXPECT_EQ(again<std::uint32_t>("4294967295"), "4294967295");
  for (const auto* text : {"", "-1", "4294967296", "1.0", "0x10", "1e3", "1_000", " 1"})
    EXPECT_EQ(again<std::uint32_t>(text), "refused") << text;
}

TEST(Values, HostPatterns) {
  EXPECT_EQ(again<HostPattern>("OCSP.Pki.example"), "ocsp.pki.example");
  EXPECT_EQ(again<HostPattern>("*.pki.example:8080"), "*.pki.example:8080");
  EXPECT_EQ(again<HostPattern>("10.1.2.3:80"), "10.1.2.3");
  EXPECT_EQ(again<HostPattern>("[2001:db8::1]"), "[2001:db8::1]");
  EXPECT_EQ(again<HostPattern>("[::1]:8080"), "[::1]:8080");
  for (const auto* text : {"", "*", "*.", "*.*.example", "a.*.example", "pki.example:0",
                           "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "http://pki.example",
                           "pki.example/x", "user@pki.example", "[fe80::1%eth0]", "*.10.1.2.3"})
    EXPECT_EQ(again<HostPattern>(text), "refused") << text;
}

TEST(Values, AHostPatternCoversItsHostOnly) {
  const auto covers = [](const char* pattern, const char* host, std::uint16_t port) {
    return Form<HostPattern>::read(pattern, {})->covers(host, port);
  };
  EXPECT_TRUE(covers("ocsp.pki.example", "ocsp.pki.example", 80));
  EXPECT_FALSE(covers("ocsp.pki.example", "ocsp.pki.example", 8080));
  EXPECT_FALSE(covers("ocsp.pki.example", "evil-ocsp.pki.example", 80));
  EXPECT_TRUE(covers("*.pki.example", "a.b.pki.example", 80));
  EXPECT_FALSE(covers("*.pki.example", "pki.example", 80));
  EXPECT_FALSE(covers("*.pki.example", "evilpki.example", 80));
  EXPECT_FALSE(covers("*.pki.example", ".pki.example", 80));
  EXPECT_TRUE(covers("[2001:db8::1]", "2001:DB8:0::1", 80));
  EXPECT_FALSE(covers("10.1.2.3", "10.1.2.30", 80));
}

TEST(Values, SocketAddresses) {
  EXPECT_EQ(again<SocketAddress>("0.0.0.0:25"), "0.0.0.0:25");
  EXPECT_EQ(again<SocketAddress>("[::]:587"), "[::]:587");
  EXPECT_EQ(again<SocketAddress>("127.0.0.1:0"), "127.0.0.1:0");
  for (const auto* text : {"", "25", ":25", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "::25", "[::]",
                           "[::]25", "[0.0.0.0]:25", "localhost:25", "0.0.0.0:25:25"})
    EXPECT_EQ(again<SocketAddress>(text), "refused") << text;
}

TEST(Values, NextHops) {
  EXPECT_EQ(again<NextHop>("smtp://mail.stadt.example:2525"), "smtp://mail.stadt.example:2525");
  EXPECT_EQ(again<NextHop>("smtp://Mail.Stadt.example"), "smtp://mail.stadt.example:25");
  EXPECT_EQ(again<NextHop>("smtp://192.0.2.1"), "smtp://192.0.2.1:25");
  EXPECT_EQ(again<NextHop>("smtp://[2001:db8::1]:26"), "smtp://[2001:db8::1]:26");
  EXPECT_EQ(again<NextHop>("maildir:/var/mail/out"), "maildir:/var/mail/out");
  EXPECT_EQ(again<NextHop>("maildir:out"), "maildir:/etc/siegel/out");
  for (const auto* text :
       {"", "mail.stadt.example", "smtp://", "smtp://:25", "smtp://x.example:0",
        "smtp://x.example:99999", "smtp://user@x.example", "smtp://x.example/", "smtps://x.example",
        "SMTP://x.example", "smtp://x.example:", "smtp://[::1", "maildir:", "smtp://x y"})
    EXPECT_EQ(again<NextHop>(text), "refused") << text;
}

TEST(Values, RelativePathsBeginAtTheFolder) {
  EXPECT_EQ(again<std::filesystem::path>("tls/key.pem"), "/etc/siegel/tls/key.pem");
  EXPECT_EQ(again<std::filesystem::path>("../kek"), "/etc/kek");
  EXPECT_EQ(again<std::filesystem::path>("/srv/kek"), "/srv/kek");
  EXPECT_EQ(again<std::filesystem::path>(""), "refused");
  EXPECT_EQ(again<std::filesystem::path>("a\nb"), "refused");
}

TEST(Values, Words) {
  EXPECT_EQ(again<SignDemand>("if-possible"), "if-possible");
  EXPECT_EQ(again<SignDemand>("If-Possible"), "refused");
  EXPECT_EQ(again<WithoutKey>("pickup"), "pickup");
  EXPECT_EQ(Form<RevocationMode>::expected(), "hard-fail or soft-fail");
  EXPECT_EQ(again<bool>("true"), "true");
  EXPECT_EQ(again<bool>("yes"), "refused");
}

}  // namespace
}  // namespace siegel::tests
