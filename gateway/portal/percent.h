#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::portal {

/// What "+" stands for: itself in paths, a space in forms (WHATWG URL §5.1).
enum class Plus { itself, space };

/// Percent-decodes `text` once (RFC 3986 §2.1). Nothing if an escape is not whole, or if what comes
/// out is not UTF-8 or holds a NUL.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, Plus plus);

/// `text` with everything but unreserved characters (RFC 3986 §2.3) escaped: fit for a segment of a
/// path and for a value of a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace siegel::portal
