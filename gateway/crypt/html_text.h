#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::crypt {

/// The words of an HTML text as plain text with CRLF: blocks on lines of their own, the target of a
/// link in angle brackets behind its words, the description of a picture in square brackets;
/// scripts, styles and everything else is left out. Nothing is fetched.
///
/// Nothing for what is not read: over 4 MiB, nested over 256 levels, or a tag with hundreds of
/// attributes. So bounded, time is linear in the size. Thread-safe.
/// REQUIRES: `html` is well-formed UTF-8.
[[nodiscard]] std::optional<std::string> html_text(std::string_view html);

}  // namespace siegel::crypt
