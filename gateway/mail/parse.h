#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What GMime makes of octets, as plain values: the second reading beside scan.h. No GMime type
/// leaves parse.cpp. Thread-safe.
namespace siegel::mail::parse {

/// One entity as GMime sees it. Offsets count from the start of the message.
struct Outline {
  enum class Kind { leaf, multipart, message };
  struct Range {
    std::size_t begin, end;
  };

  Kind kind = Kind::leaf;
  /// Where each field begins, in the order of the octets; checked: its name stands there. A field
  /// that fails the check has `no_offset`.
  std::vector<std::size_t> fields;
  std::optional<Range> content;  ///< of a leaf, if it has any
  std::vector<Outline> parts;
};
inline constexpr auto no_offset = static_cast<std::size_t>(-1);

/// Nothing if GMime finds no message in the octets. Copies neither them nor any body.
[[nodiscard]] std::optional<Outline> outline(std::string_view octets);

using Parameters = std::vector<std::pair<std::string, std::string>>;
struct MediaType {
  std::string type, subtype;  ///< lower case
  Parameters parameters;      ///< names lower case; values decoded (RFC 2231), as UTF-8
};
[[nodiscard]] std::optional<MediaType> media_type(std::string_view body);
/// The parameters of a Content-Disposition field body.
[[nodiscard]] Parameters disposition_parameters(std::string_view body);

/// `octets` of a character set by its MIME name, as UTF-8; what is invalid becomes U+FFFD. Nothing
/// if the character set is not known.
[[nodiscard]] std::optional<std::string> to_utf8(const std::string& charset,
                                                 std::string_view octets);

/// Every addr-spec in an address list, also those inside groups. REQUIRES: no NUL.
[[nodiscard]] std::vector<std::string> addresses(const std::string& body);

}  // namespace siegel::mail::parse
