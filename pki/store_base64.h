#pragma once

#include <string>
#include <string_view>

namespace siegel::pki {

/// RFC 4648 §4 without line breaks: how long octets (revocation lists) stand in a TEXT column.
[[nodiscard]] std::string to_base64(std::string_view octets);
/// The octets; none at all if `text` is not what to_base64 makes.
[[nodiscard]] std::string from_base64(std::string_view text);

}  // namespace siegel::pki
