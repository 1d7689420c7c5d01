#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "gateway/mail/message.h"

namespace siegel::mail {

/// A date-time of RFC 5322 §3.3, and the obsolete zones of §4.3 as far as they are clear (GMT, UT,
/// EST …); a comment behind it is left out. Nothing if it is none, or no date of the calendar.
[[nodiscard]] std::optional<Time> parse_date(std::string_view text);

/// What the only Date field of a message says.
[[nodiscard]] std::optional<Time> date(const Entity& top);

}  // namespace siegel::mail
