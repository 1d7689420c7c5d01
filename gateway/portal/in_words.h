#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "gateway/portal/pages.h"

/// Dates and sizes as people read them.
namespace siegel::portal {

/// "6. Dezember 2026", "6 December 2026", in the zone of this machine.
[[nodiscard]] std::string date_in_words(Time time, Language language);
/// "6. Dezember 2026, 14:05 Uhr", "6 December 2026, 14:05".
[[nodiscard]] std::string moment_in_words(Time time, Language language);
/// "3,4 MB", "3.4 MB".
[[nodiscard]] std::string size_in_words(std::uint64_t octets, Language language);

}  // namespace siegel::portal
