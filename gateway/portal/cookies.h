#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::portal {

/// The value of cookie `name` in a Cookie field (RFC 6265 §4.2.1), or nothing. A name that comes
/// twice with different values has no value: somebody tries to put a cookie of his own before ours.
/// At most 64 cookies and 8 KiB are looked at.
[[nodiscard]] std::optional<std::string> cookie_value(std::string_view field,
                                                      std::string_view name);

/// A Set-Cookie value with HttpOnly, Secure, SameSite=Lax and Path=/; name it "__Host-…", so that
/// no neighbour's page can set it (RFC 6265bis §4.1.3.2). Without `seconds` the cookie ends with
/// the browser, with 0 it is deleted. REQUIRES: name and value are tokens.
[[nodiscard]] std::string set_cookie(std::string_view name, std::string_view value,
                                     std::optional<long> seconds = std::nullopt);

}  // namespace siegel::portal
