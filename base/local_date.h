#pragma once

#include <string>

#include "base/time.h"

/// Days as people read them, in the zone of this machine. Thread-safe.
namespace siegel {

/// "6. Dezember 2026".
[[nodiscard]] std::string german_date(Time time);
/// "6 December 2026".
[[nodiscard]] std::string english_date(Time time);
/// "6. Dezember 2026, 14:05 Uhr".
[[nodiscard]] std::string german_moment(Time time);
/// "6 December 2026, 14:05".
[[nodiscard]] std::string english_moment(Time time);

}  // namespace siegel
