#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The pieces of RFC 2047 and RFC 2231 that compose.cpp puts together.
namespace siegel::mail {

/// `text` as well-formed UTF-8 on one line: controls become blanks, runs of blanks one blank, bad
/// octets U+FFFD; no blanks at the ends.
[[nodiscard]] std::string clean_text(std::string_view text);

/// Takes whole characters off the front of `text` (well-formed UTF-8) and gives them as one encoded
/// word of at most `limit` characters, in the shorter of the Q and B encodings. REQUIRES: limit
/// ≥ 40.
[[nodiscard]] std::string take_encoded_word(std::string_view& text, std::size_t limit);

/// RFC 2231 §4 extended-other-values.
[[nodiscard]] std::string percent_encoded(std::string_view octets);

}  // namespace siegel::mail
