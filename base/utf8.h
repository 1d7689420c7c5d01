#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace siegel {

/// One code point and how many octets it took.
struct CodePoint {
  char32_t value = 0;
  std::size_t octets = 0;
};

/// The first code point of `text`, or nothing if it is empty or not well-formed UTF-8 (RFC 3629 §4:
/// shortest form only, no surrogates, at most U+10FFFF).
[[nodiscard]] std::optional<CodePoint> first_code_point(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// At most `limit` octets of `text`, and no code point in halves. REQUIRES: `text` is UTF-8.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t limit) noexcept;

/// Appends the UTF-8 form of `value` to `text`. REQUIRES: `value` is a scalar value.
void append_utf8(std::string& text, char32_t value);

/// True for characters that change how text looks without being seen: bidirectional controls,
/// zero-width characters, variation selectors, soft hyphen, byte order mark.
[[nodiscard]] bool is_invisible(char32_t value) noexcept;

/// `text` fit for a log line, a terminal or a header comment: well-formed, controls, invisible
/// characters and bad octets as `\xNN` / `\u{N}`, cut after `limit` octets with "…".
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace siegel
