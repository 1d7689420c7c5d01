#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace siegel::portal {

/// Octets `first` to `last`, both included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

/// What a GET is to be answered with (RFC 9110 §14.2).
struct RangeChoice {
  enum class Kind {
    whole,          ///< 200: no range, one we do not understand, or several of them
    part,           ///< 206
    unsatisfiable,  ///< 416
  };
  Kind kind = Kind::whole;
  ByteRange range;  ///< for `part`
};

/// What the client knows and asks for.
struct RangeRequest {
  std::optional<std::string> range;     ///< the field Range
  std::optional<std::string> if_range;  ///< the field If-Range
};

/// Reads `Range: bytes=…` for a file of `size` octets whose strong entity tag is `etag`, with its
/// quotes. A set of ranges is answered by the whole, which RFC 9110 §14.2 allows: one range resumes
/// a download, several are an amplifier. If-Range lets the range count only if it is that very
/// strong tag (§13.1.5); a date never does.
[[nodiscard]] RangeChoice choose_range(const RangeRequest& asked, std::uint64_t size,
                                       std::string_view etag);

/// "bytes 0-499/1234": Content-Range of a 206 (RFC 9110 §14.4).
[[nodiscard]] std::string content_range(const ByteRange& range, std::uint64_t size);
/// "bytes */1234": Content-Range of a 416.
[[nodiscard]] std::string unsatisfied_range(std::uint64_t size);

}  // namespace siegel::portal
