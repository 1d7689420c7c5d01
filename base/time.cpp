#include "base/time.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"

namespace siegel {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::seconds;
using std::chrono::year_month_day;

struct Civil {
  year_month_day date;
  hh_mm_ss<seconds> clock;
  unsigned weekday;
};

Civil civil(Time time) {
  const auto day = floor<days>(time);
  return {year_month_day(day), hh_mm_ss(floor<seconds>(time - day)),
          std::chrono::weekday(day).c_encoding()};
}

/// Reads fixed-width decimal numbers and literal characters from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] std::optional<int> number(std::size_t digits) {
    if (text_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : text_.substr(0, digits)) {
      if (!ascii::is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }
  [[nodiscard]] bool skip(char expected) {
    if (text_.empty() || ascii::upper(text_.front()) != expected) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Skips at least one digit.
  [[nodiscard]] bool skip_digits() {
    const auto digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
    text_.remove_prefix(digits);
    return digits > 0;
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

std::optional<Time> read_date(Reader& reader) {
  const auto year = reader.number(4);
  if (!year || !reader.skip('-')) return std::nullopt;
  const auto month = reader.number(2);
  if (!month || !reader.skip('-')) return std::nullopt;
  const auto day = reader.number(2);
  if (!day) return std::nullopt;
  const year_month_day date{std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Time(std::chrono::sys_days(date));
}

std::optional<seconds> read_clock(Reader& reader) {
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.skip(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59 || !reader.skip(':')) return std::nullopt;
  const auto second = reader.number(2);
  if (!second || *second > 60) return std::nullopt;
  if (reader.skip('.') && !reader.skip_digits()) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

std::optional<seconds> read_offset(Reader& reader) {
  if (reader.skip('Z')) return seconds(0);
  const bool ahead = reader.skip('+');
  if (!ahead && !reader.skip('-')) return std::nullopt;
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.skip(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  const seconds offset = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  return ahead ? offset : -offset;
}

}  // namespace

std::string rfc3339(Time time) {
  const Civil at = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(at.date.year()),
                     static_cast<unsigned>(at.date.month()), static_cast<unsigned>(at.date.day()),
                     at.clock.hours().count(), at.clock.minutes().count(),
                     at.clock.seconds().count());
}

std::string rfc3339_date(Time time) {
  return rfc3339(time).substr(0, 10);
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  Reader reader(text);
  const auto date = read_date(reader);
  if (!date || reader.at_end()) return date;
  if (!reader.skip('T') && !reader.skip(' ')) return std::nullopt;
  const auto clock = read_clock(reader);
  if (!clock) return std::nullopt;
  const auto offset = read_offset(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  return *date + *clock - *offset;
}

std::string rfc5322_date(Time time) {
  static constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed",
                                                            "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil at = civil(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", weekdays.at(at.weekday),
                     static_cast<unsigned>(at.date.day()),
                     months.at(static_cast<unsigned>(at.date.month()) - 1),
                     static_cast<int>(at.date.year()), at.clock.hours().count(),
                     at.clock.minutes().count(), at.clock.seconds().count());
}

std::int64_t to_unix(Time time) noexcept {
  return floor<seconds>(time).time_since_epoch().count();
}

Time from_unix(std::int64_t count) noexcept {
  return Time(seconds(count));
}

}  // namespace siegel
