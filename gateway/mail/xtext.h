#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The two ways in which addresses are written in DSN parameters and fields.
namespace siegel::mail {

/// RFC 3461 §4 xtext undone; nothing if it is not well-formed or holds a control character.
[[nodiscard]] std::optional<std::string> from_xtext(std::string_view text);

/// RFC 6533 §3 utf-8-addr-xtext: ASCII as it stands, all else as `\x{N}`. REQUIRES: UTF-8.
[[nodiscard]] std::string to_utf8_address_xtext(std::string_view address);

}  // namespace siegel::mail
