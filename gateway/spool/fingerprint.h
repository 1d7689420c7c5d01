#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace siegel::spool {

/// FNV-1a, 64 bits: notices a file that was cut or damaged by accident. It protects against nobody
/// who means harm; whoever can write into the spool needs no trick.
[[nodiscard]] constexpr std::uint64_t fingerprint(std::string_view octets) noexcept {
  std::uint64_t value = 14695981039346656037ULL;
  for (const char octet : octets) {
    value ^= static_cast<unsigned char>(octet);
    value *= 1099511628211ULL;
  }
  return value;
}

/// The same as 16 lower-case hexadecimal digits.
[[nodiscard]] std::string fingerprint_text(std::string_view octets);

}  // namespace siegel::spool
