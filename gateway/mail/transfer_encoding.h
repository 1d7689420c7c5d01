#pragma once

#include <string>
#include <string_view>

/// Content-Transfer-Encodings (RFC 2045 §6.7, §6.8), both ways.
namespace siegel::mail {

/// Lenient as RFC 2045 §6.8 demands: characters outside the alphabet are skipped, the text ends at
/// the first padding.
[[nodiscard]] std::string decode_base64(std::string_view text);
/// Strict: nothing but the alphabet and line ends, padding only at the end and as it must be.
[[nodiscard]] bool is_clean_base64(std::string_view text) noexcept;

/// RFC 2045 §6.7: blanks at line ends go; what is no valid escape stays as it is.
[[nodiscard]] std::string decode_quoted_printable(std::string_view text);
/// The escapes of one line undone, and nothing else.
[[nodiscard]] std::string decode_quoted_printable_line(std::string_view line);
/// Lines of at most 76 columns ended by CRLF, none of them "." alone or beginning with "From " or
/// ending in a blank. CRLF stays a line end; any other CR or LF is escaped.
[[nodiscard]] std::string to_quoted_printable(std::string_view octets);

}  // namespace siegel::mail
