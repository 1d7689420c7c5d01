#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/portal/fields.h"
#include "gateway/portal/form.h"
#include "gateway/portal/problem.h"

namespace siegel::portal {

enum class Version { http_1_0, http_1_1 };

/// How the body of a request ends (RFC 9112 §6.3).
struct Framing {
  enum class Kind { length, chunked };
  Kind kind = Kind::length;
  std::uint64_t length = 0;
};

/// The first part of a request, taken apart.
struct RequestHead {
  std::string method;
  std::string path;  ///< decoded once; begins with "/", has no "." or ".." segment, is UTF-8
  Form query;
  Version version = Version::http_1_1;
  Fields fields;
  Framing framing;
};

/// Limits of the head in octets and fields.
struct HeadLimits {
  std::size_t octets = std::size_t{16} * 1024;  ///< 431 above
  std::size_t target = std::size_t{8} * 1024;   ///< 414 above
  std::size_t fields = 100;                     ///< 431 above
};

/// Where the head at the start of `octets` ends.
struct HeadEnd {
  enum class Kind { found, not_yet, bare_lf };
  Kind kind = Kind::not_yet;
  std::size_t position = 0;  ///< behind the empty line
};
/// Looks for CRLF CRLF. Lines that LF alone ends are seen at once, so that nobody waits for more.
[[nodiscard]] HeadEnd find_head_end(std::string_view octets);

/// Reads request-line and fields up to and with the empty line (RFC 9112 §3, §5). Strict where
/// leniency lets two programs see two different requests (request smuggling): CRLF only, no folded
/// lines, no blank before the colon, one Host, one Content-Length of digits only, and never
/// together with Transfer-Encoding, of which only "chunked" is known (§6.1, §6.3). What is refused
/// must also end the connection.
[[nodiscard]] std::variant<RequestHead, Problem> parse_request_head(std::string_view octets,
                                                                    const HeadLimits& limits = {});

}  // namespace siegel::portal
