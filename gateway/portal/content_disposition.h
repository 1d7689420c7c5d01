#pragma once

#include <string>
#include <string_view>

namespace siegel::portal {

/// `name` made harmless for any file system and any screen: no separators of paths, control,
/// bidirectional or invisible characters, no leading or trailing dots and blanks, no name that
/// Windows takes for a device, at most 200 octets of UTF-8 with the extension kept; never empty.
[[nodiscard]] std::string safe_file_name(std::string_view name);

/// `attachment; filename="…"; filename*=UTF-8''…` (RFC 6266 §4, RFC 8187 §3.2) for a name that a
/// stranger has chosen. The first form is for old clients and is pure ASCII.
[[nodiscard]] std::string attachment_disposition(std::string_view name);

}  // namespace siegel::portal
