#include "base/local_date.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace siegel {
namespace {

using Months = std::array<std::string_view, 12>;

constexpr Months german_months{"Januar", "Februar", "März",      "April",   "Mai",      "Juni",
                               "Juli",   "August",  "September", "Oktober", "November", "Dezember"};
constexpr Months english_months{"January",   "February", "March",    "April",
                                "May",       "June",     "July",     "August",
                                "September", "October",  "November", "December"};

constexpr int first_year = 1900;  // of tm_year

std::tm local_parts(Time time) {
  const std::time_t seconds = to_unix(time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

std::string date(const std::tm& day, const Months& months, std::string_view behind_day) {
  return fmt::format("{}{} {} {}", day.tm_mday, behind_day,
                     months.at(static_cast<std::size_t>(day.tm_mon)), day.tm_year + first_year);
}

std::string moment(Time time, const Months& months, std::string_view behind_day) {
  const std::tm parts = local_parts(time);
  return fmt::format("{}, {:02}:{:02}", date(parts, months, behind_day), parts.tm_hour,
                     parts.tm_min);
}

}  // namespace

std::string german_date(Time time) {
  return date(local_parts(time), german_months, ".");
}

std::string english_date(Time time) {
  return date(local_parts(time), english_months, "");
}

std::string german_moment(Time time) {
  return moment(time, german_months, ".") + " Uhr";
}

std::string english_moment(Time time) {
  return moment(time, english_months, "");
}

}  // namespace siegel
