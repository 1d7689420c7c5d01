#pragma once

#include <cstddef>
#include <string_view>

/// The regular expression that a CA profile may hold the common name against: ECMAScript, without
/// back references. It is compared with the whole name, character by character, not octet by octet.
namespace siegel::config {

/// Characters; bounds what compiling costs.
inline constexpr std::size_t pattern_limit = 200;

/// True if `pattern` compiles and is not longer than the limit.
[[nodiscard]] bool is_name_pattern(std::string_view pattern);

/// In time proportional to both lengths, whatever the pattern. REQUIRES: is_name_pattern(pattern).
/// False for a name that is not UTF-8 or has more than 1,000 characters.
[[nodiscard]] bool fits_pattern(std::string_view name, std::string_view pattern);

}  // namespace siegel::config
