#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::portal {

/// RFC 7515 §2: the URL-safe alphabet, and no padding.
[[nodiscard]] std::string to_base64url(std::string_view octets);
/// Nothing if `text` is not what to_base64url makes, to the last bit.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace siegel::portal
