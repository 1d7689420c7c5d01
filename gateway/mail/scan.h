#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "gateway/mail/message.h"

/// Our own reading of the octets: where a head ends, where fields and parts begin and end. Linear,
/// without recursion, and without any idea of what the octets mean; parse.h is the second reading.
namespace siegel::mail {

inline constexpr std::size_t head_limit = std::size_t{256} << 10U;  // STANDARDS §2.6, R-47
inline constexpr std::size_t field_limit = std::size_t{64} << 10U;
inline constexpr std::size_t line_limit = 998;  // RFC 5322 §2.1.1, without the line end

/// Takes the first line with its line end (LF, or CRLF) off `rest`; the last line may have none.
[[nodiscard]] std::string_view take_line(std::string_view& rest) noexcept;
/// `line` without its CRLF or LF.
[[nodiscard]] std::string_view without_line_end(std::string_view line) noexcept;

struct Split {
  std::string_view head;  ///< with the empty line, if there is one
  std::string_view body;
};
[[nodiscard]] Split split_entity(std::string_view octets) noexcept;

/// The fields of `head` in their order. A line that is no field becomes a Field without a name, so
/// that the fields together are the head but for its empty line. After `head_limit` octets the rest
/// is not looked at.
[[nodiscard]] std::vector<Field> split_fields(std::string_view head, std::vector<Defect>& defects);

struct Sections {
  std::string_view preamble, epilogue;
  std::vector<std::string_view> parts;
  bool is_closed = false;
  /// A line begins like a delimiter and goes on: a reader that looks for prefixes cuts there.
  bool has_prefix_lines = false;
};
/// Cuts the body of a multipart at the delimiter lines of its own boundary, and at no other: an
/// outer delimiter ends whatever is open inside it (RFC 2046 §5.1.2). Stops after `most` parts.
[[nodiscard]] Sections split_multipart(std::string_view body, std::string_view boundary,
                                       std::size_t most);

/// Adds `defect` unless it is listed already.
void note(std::vector<Defect>& defects, Defect defect);

}  // namespace siegel::mail
