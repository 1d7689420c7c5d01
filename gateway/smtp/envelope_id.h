#pragma once

#include <string>

#include "base/time.h"

namespace siegel::smtp {

/// The identifier of a message through all stages: 16 characters [0-9a-z], the milliseconds since
/// 1970 to the base 36 and 36 random bits, so that ids sort by their time and are not guessed.
[[nodiscard]] std::string new_envelope_id(Time now);

}  // namespace siegel::smtp
