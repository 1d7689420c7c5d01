#include "gateway/portal/in_words.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

#include "gateway/transfer/letters.h"

namespace siegel::portal {
namespace {

using Months = std::array<std::string_view, 12>;

constexpr Months german_months{"Januar", "Februar", "März",      "April",   "Mai",      "Juni",
                               "Juli",   "August",  "September", "Oktober", "November", "Dezember"};
constexpr Months english_months{"January",   "February", "March",    "April",
                                "May",       "June",     "July",     "August",
                                "September", "October",  "November", "December"};

std::tm local(Time time) {
  const std::time_t seconds = to_unix(time);
  std::tm broken{};
  ::localtime_r(&seconds, &broken);
  return broken;
}

}  // namespace

std::string date_in_words(Time time, Language language) {
  const std::tm day = local(time);
  const auto month = static_cast<std::size_t>(day.tm_mon);
  const int year = day.tm_year + 1900;
  if (language == Language::german)
    return fmt::format("{}. {} {}", day.tm_mday, german_months.at(month), year);
  return fmt::format("{} {} {}", day.tm_mday, english_months.at(month), year);
}

std::string moment_in_words(Time time, Language language) {
  const std::tm moment = local(time);
  return fmt::format("{}, {:02}:{:02}{}", date_in_words(time, language), moment.tm_hour,
                     moment.tm_min, language == Language::german ? " Uhr" : "");
}

std::string size_in_words(std::uint64_t octets, Language language) {
  return transfer::letters::size_in_words(octets, language == Language::german ? ',' : '.');
}

}  // namespace siegel::portal
