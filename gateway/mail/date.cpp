#include "gateway/mail/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/ascii.h"
#include "gateway/mail/fields.h"

namespace siegel::mail {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view blanks = " \t\r\n,";
  for (auto at = text.find_first_not_of(blanks); at != std::string_view::npos;
       at = text.find_first_not_of(blanks, at)) {
    const auto end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

/// A number of so many digits; nothing if it is anything else.
std::optional<int> number(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most) return std::nullopt;
  if (!std::ranges::all_of(text, ascii::is_digit)) return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<unsigned> month(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find_if(
      names, [&](std::string_view each) { return ascii::equals_ignoring_case(each, name); });
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin()) + 1;
}

/// "14:03" or "14:03:59"; a leap second is the one before it.
std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  const auto hour = number(text.substr(0, 2), 2, 2);
  if (!hour || text.size() < 5 || text[2] != ':') return std::nullopt;
  const auto minute = number(text.substr(3, 2), 2, 2);
  const bool has_seconds = text.size() == 8 && text[5] == ':';
  if (text.size() != 5 && !has_seconds) return std::nullopt;
  const auto second = has_seconds ? number(text.substr(6), 2, 2) : 0;
  if (!minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(std::min(*second, 59));
}

struct Zone {
  std::string_view name;
  int hours;
};
/// RFC 5322 §4.3; the military letters say nothing.
constexpr std::array<Zone, 10> zones{
    Zone{"UT", 0},   Zone{"GMT", 0},  Zone{"EDT", -4}, Zone{"EST", -5}, Zone{"CDT", -5},
    Zone{"CST", -6}, Zone{"MDT", -6}, Zone{"MST", -7}, Zone{"PDT", -7}, Zone{"PST", -8}};

std::optional<std::chrono::minutes> offset(std::string_view text) {
  for (const Zone& zone : zones) {
    if (ascii::equals_ignoring_case(zone.name, text)) return std::chrono::hours(zone.hours);
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const auto digits = number(text.substr(1), 4, 4);
  if (!digits || *digits % 100 > 59) return std::nullopt;
  const auto size = std::chrono::hours(*digits / 100) + std::chrono::minutes(*digits % 100);
  return text.front() == '-' ? -size : size;
}

}  // namespace

std::optional<Time> parse_date(std::string_view text) {
  std::vector<std::string_view> words = words_of(text);
  // RFC 5322 §3.3: the day of the week is optional, and says nothing that the date does not.
  if (!words.empty() && !number(words.front(), 1, 2)) words.erase(words.begin());
  if (words.size() != 5) return std::nullopt;
  const auto day = number(words[0], 1, 2);
  const auto in_month = month(words[1]);
  const auto year = number(words[2], 4, 4);
  const auto clock = time_of_day(words[3]);
  const auto zone = offset(words[4]);
  if (!day || !in_month || !year || !clock || !zone) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*in_month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + *clock - *zone;
}

std::optional<Time> date(const Entity& top) {
  if (top.count("Date") != 1) return std::nullopt;
  return parse_date(bare_value(top.field("Date")->body));
}

}  // namespace siegel::mail
