#include "base/time.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

/// The moment that `text` names, in UTC, or "refused".
std::string moment(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? rfc3339(*time) : "refused";
}

std::string mail_date(std::string_view text) {
  return rfc5322_date(parse_rfc3339(text).value());
}

TEST(Time, Rfc3339RoundTrips) {
  for (const auto* text : {"1970-01-01T00:00:00Z", "2026-11-21T23:10:56Z", "1969-12-31T23:59:59Z",
                           "2000-02-29T12:00:00Z", "2038-01-19T03:14:08Z", "9999-12-31T23:59:59Z"})
    EXPECT_EQ(moment(text), text);
}

TEST(Time, Offsets) {
  EXPECT_EQ(moment("2026-11-21T23:10:56+01:00"), "2026-11-21T22:10:56Z");
  EXPECT_EQ(moment("2026-12-31T23:30:00-01:30"), "2027-01-01T01:00:00Z");
  EXPECT_EQ(moment("2024-03-01T00:30:00+01:00"), "2024-02-29T23:30:00Z");
  EXPECT_EQ(moment("2026-11-21t23:10:56z"), "2026-11-21T23:10:56Z");
  EXPECT_EQ(moment("2026-11-21 23:10:56-00:00"), "2026-11-21T23:10:56Z");
}

TEST(Time, FractionsAreLeftOut) {
  EXPECT_EQ(moment("2026-11-21T23:10:56.999999Z"), "2026-11-21T23:10:56Z");
}

TEST(Time, ADateIsItsFirstMoment) {
  EXPECT_EQ(moment("2024-02-29"), "2024-02-29T00:00:00Z");
}

TEST(Time, LeapSecondIsTheNextMinute) {
  EXPECT_EQ(moment("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
}

TEST(Time, DaysThatAreNone) {
  for (const auto* text :
       {"2025-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00"})
    EXPECT_EQ(moment(text), "refused") << text;
}

TEST(Time, IsNoRfc3339) {
  for (const auto* text :
       {"", "2026", "2026-1-1", "26-01-01", "2026-01-01T", "2026-01-01T10:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T10:60:00Z", "2026-01-01T10:00:61Z",
        "2026-01-01T10:00:00", "2026-01-01T10:00:00+1", "2026-01-01T10:00:00+24:00",
        "2026-01-01T10:00:00.Z", "2026-01-01T10:00:00Zx", "2026-01-01T-0:00:00Z",
        "2026-01-01T10:00:00+01:00 ", "+026-01-01", " 2026-01-01", "2026-01-01T10:00:00,5Z"})
    EXPECT_EQ(moment(text), "refused") << text;
}

TEST(Time, MailDates) {
  EXPECT_EQ(mail_date("2026-11-21T23:10:56Z"), "Sat, 21 Nov 2026 23:10:56 +0000");
  EXPECT_EQ(mail_date("2024-02-29T01:02:03+02:00"), "Wed, 28 Feb 2024 23:02:03 +0000");
  EXPECT_EQ(mail_date("1970-01-04"), "Sun, 04 Jan 1970 00:00:00 +0000");
}

TEST(Time, UnixSeconds) {
  EXPECT_EQ(to_unix(parse_rfc3339("2001-09-09T01:46:40Z").value()), 1000000000);
  EXPECT_EQ(rfc3339(from_unix(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_unix(from_unix(0) - std::chrono::milliseconds(1)), -1);  // rounds down
}

}  // namespace
}  // namespace siegel::tests
