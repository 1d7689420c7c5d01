#include "base/local_date.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

/// The machine stands in Germany for as long as a test lasts.
class LocalDate : public testing::Test {
 protected:
  LocalDate() { stand_in("CET-1CEST,M3.5.0,M10.5.0/3"); }
  ~LocalDate() override { stand_in(nullptr); }

  static void stand_in(const char* zone) {
    zone == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", zone, 1);
    ::tzset();
  }
  static Time at(std::string_view text) { return parse_rfc3339(text).value(); }
};

TEST_F(LocalDate, IsWrittenInWords) {
  EXPECT_EQ(german_date(at("2026-12-06T12:00:00Z")), "6. Dezember 2026");
  EXPECT_EQ(english_date(at("2026-12-06T12:00:00Z")), "6 December 2026");
  EXPECT_EQ(german_moment(at("2026-03-06T13:05:00Z")), "6. März 2026, 14:05 Uhr");
  EXPECT_EQ(english_moment(at("2026-03-06T13:05:00Z")), "6 March 2026, 14:05");
}

TEST_F(LocalDate, IsThatOfThisZone) {
  EXPECT_EQ(german_date(at("2026-11-30T23:30:00Z")), "1. Dezember 2026");
  EXPECT_EQ(english_moment(at("2026-07-31T22:30:00Z")), "1 August 2026, 00:30") << "summer time";
}

}  // namespace
}  // namespace siegel::tests
