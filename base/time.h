#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace siegel {

/// A moment in UTC, to the millisecond: what is stored, compared and printed.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-11-21T23:10:56Z" (RFC 3339 §5.6, UTC; milliseconds are left out).
[[nodiscard]] std::string rfc3339(Time time);
/// "2026-11-21", in UTC (RFC 3339 §5.6, full-date).
[[nodiscard]] std::string rfc3339_date(Time time);
/// Any RFC 3339 §5.6 date-time, with offset; a date alone ("2026-11-21") is its first moment in
/// UTC.
[[nodiscard]] std::optional<Time> parse_rfc3339(std::string_view text);
/// "Sat, 21 Nov 2026 23:10:56 +0000" (RFC 5322 §3.3).
[[nodiscard]] std::string rfc5322_date(Time time);

/// Whole seconds since 1970, as databases and libraries keep them.
[[nodiscard]] std::int64_t to_unix(Time time) noexcept;
[[nodiscard]] Time from_unix(std::int64_t count) noexcept;

}  // namespace siegel
