#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/portal/fields.h"

/// What clients say in tus 1.0.0 (https://tus.io/protocols/resumable-upload), read strictly.
namespace siegel::portal::tus {

inline constexpr std::string_view version = "1.0.0";
inline constexpr std::string_view patch_type = "application/offset+octet-stream";

/// A count of octets: decimal digits, no sign, no blank, at most 2^63 - 1.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);

/// Upload-Metadata: pairs "key base64", divided by commas; a key alone has the value "". Keys are
/// unique.
struct Metadata {
  std::string file_name;   ///< of `filename` or `name`; UTF-8, printable, "" if there is none
  std::string media_type;  ///< of `filetype` or `type`; a media type (RFC 9110 §8.3.1), else ""
};
inline constexpr std::size_t metadata_limit = std::size_t{16} << 10U;
/// Nothing if it is not well-formed or too long.
[[nodiscard]] std::optional<Metadata> parse_metadata(std::string_view text);

/// Upload-Checksum: "sha256 base64".
struct Checksum {
  std::string algorithm;  ///< one of `algorithms`
  std::string digest;     ///< octets
};
inline constexpr std::string_view algorithms = "sha1,sha256,sha512";
/// Nothing if it is not well-formed or of an algorithm that we do not know.
[[nodiscard]] std::optional<Checksum> parse_checksum(std::string_view text);

}  // namespace siegel::portal::tus
