#pragma once

#include <string>
#include <string_view>

namespace siegel::smtp {

/// The first CR, LF or NUL of `octets`, or npos. These are all that the transparency procedure
/// looks at, in both directions.
[[nodiscard]] std::size_t find_line_octet(std::string_view octets) noexcept;

/// The client's half of the transparency procedure (RFC 5321 §4.5.2), on a stream. Whatever comes
/// in, what goes out holds CR and LF only as CRLF, no NUL, no line that is a lone dot, and ends
/// with the one CRLF.CRLF: a bare CR or LF becomes CRLF, a NUL is left out. The output of a
/// message with clean line ends differs by the stuffed dots only.
class DotStuffer {
 public:
  /// Appends what `octets` become to `wire`.
  void append(std::string_view octets, std::string& wire);
  /// Appends the end: CRLF if the last line has none, and the dot.
  void finish(std::string& wire);

 private:
  void append_text(std::string_view text, std::string& wire);
  void append_line_end(std::string& wire);

  bool line_start_ = true;
  bool after_cr_ = false;  // a CR that waits for what follows
};

}  // namespace siegel::smtp
