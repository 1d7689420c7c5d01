#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace siegel::portal {

/// The boundary in a Content-Type of multipart/form-data (RFC 2046 §5.1.1); nothing for any other
/// type.
[[nodiscard]] std::optional<std::string> form_data_boundary(std::string_view content_type);

/// What a part of a form says of itself (RFC 7578 §4.2). Names are UTF-8 without control
/// characters, but otherwise as the client wrote them: a file name is data, never a path.
struct PartHead {
  std::string name;
  std::optional<std::string> file_name;
  std::string content_type;  ///< "" if the client says nothing
};

struct MultipartLimits {
  std::size_t parts = 1024;
  std::size_t head = 8192;                       ///< octets of one part's head
  std::size_t skipped = std::size_t{64} << 10U;  ///< octets that nobody reads, in all
};

/// Reads multipart/form-data (RFC 7578) piece by piece: nothing but a small buffer is ever held,
/// however large a file is. For one thread.
///
///     body     = *( delimiter CRLF *( field CRLF ) CRLF octets ) delimiter "--"
///     delimiter = CRLF "--" boundary             ; the very first one without its CRLF
class Multipart {
 public:
  /// Gives octets of the body; 0 at its end. May throw; then this reader is of no more use.
  using Source = std::function<std::size_t(std::span<char>)>;

  Multipart(Source source, std::string_view boundary, const MultipartLimits& limits = {});

  /// Goes to the next part, past what is unread of this one; nothing after the last. Throws
  /// Error{peer} if the form is broken or above a limit.
  std::optional<PartHead> next();
  /// Octets of this part; 0 is its end. Throws Error{peer} if the form breaks off.
  std::size_t read(std::span<char> octets);
  /// All of this part; nothing if it has more than `limit` octets.
  std::optional<std::string> text(std::size_t limit);

 private:
  bool fill();
  void skip_part();
  bool take_delimiter_end();
  std::string take_line(std::size_t& room);
  PartHead take_head();
  [[nodiscard]] std::string_view buffered() const { return std::string_view(buffer_).substr(at_); }

  Source source_;
  std::string delimiter_;
  MultipartLimits limits_;
  std::string buffer_;
  std::size_t at_ = 0;  // of buffer_: what was taken
  std::size_t parts_ = 0, skipped_ = 0;
  bool in_part_ = true;  // what stands before the first delimiter is passed over like a part
};

}  // namespace siegel::portal
