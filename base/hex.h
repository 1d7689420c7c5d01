#pragma once

#include <string>
#include <string_view>

namespace siegel {

/// Lower-case hexadecimal text of `octets`.
[[nodiscard]] inline std::string hex(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    text += digits[value >> 4U];
    text += digits[value & 15U];
  }
  return text;
}

}  // namespace siegel
