#pragma once

#include <string_view>

/// What a stretch of octets would suffer in transport (RFC 8551 §3.1.2–3.1.3, STANDARDS §2.3).
namespace siegel::mail {

struct Survey {
  bool has_nul = false;
  bool has_8bit = false;
  bool has_bare_line_end = false;   ///< CR without LF, or LF without CR
  bool has_long_line = false;       ///< over 998 octets
  bool has_trailing_blank = false;  ///< at a line end, or at the end of the text
  bool has_from_line = false;       ///< a line that begins with "From "
  bool has_lone_dot = false;        ///< a line that is "." alone

  /// Comes through every hop as it is.
  [[nodiscard]] bool is_safe() const noexcept {
    return !has_nul && !has_8bit && !has_bare_line_end && !has_long_line && !has_trailing_blank &&
           !has_from_line && !has_lone_dot;
  }
};

[[nodiscard]] Survey survey(std::string_view text) noexcept;

}  // namespace siegel::mail
