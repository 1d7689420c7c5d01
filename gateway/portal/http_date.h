#pragma once

#include <string>

#include "base/time.h"

namespace siegel::portal {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7).
[[nodiscard]] std::string http_date(Time time);

}  // namespace siegel::portal
