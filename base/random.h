#pragma once

#include <cstddef>
#include <string>

namespace siegel {

/// `octets` octets from the kernel's generator, as lower-case hexadecimal text (two characters
/// each). Fit for identifiers, boundaries and secrets. Thread-safe.
[[nodiscard]] std::string random_hex(std::size_t octets);

}  // namespace siegel
