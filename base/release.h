#pragma once

#include "base/time.h"

namespace siegel {

/// A moment before this program was released. A clock that shows an earlier one is wrong.
[[nodiscard]] Time release_time() noexcept;

}  // namespace siegel
