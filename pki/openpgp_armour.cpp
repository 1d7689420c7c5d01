#include "pki/openpgp_armour.h"

#include <cstdint>

#include "pki/store_base64.h"

namespace siegel::pki {
namespace {

/// RFC 4880 §6.1.
std::uint32_t crc24(std::string_view octets) {
  std::uint32_t crc = 0xB704CEU;
  for (const char octet : octets) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(octet)) << 16U;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1U;
      if ((crc & 0x1000000U) != 0) crc ^= 0x1864CFBU;
    }
  }
  return crc & 0xFFFFFFU;
}

std::string three_octets(std::uint32_t value) {
  return {static_cast<char>(value >> 16U & 0xFFU), static_cast<char>(value >> 8U & 0xFFU),
          static_cast<char>(value & 0xFFU)};
}

}  // namespace

std::string armoured_key(std::string_view octets) {
  constexpr std::size_t line_length = 64;
  std::string text = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n";
  const std::string base64 = to_base64(octets);
  for (std::size_t at = 0; at < base64.size(); at += line_length)
    text.append(base64, at, line_length).append("\n");
  text += '=' + to_base64(three_octets(crc24(octets)));
  return text + "\n-----END PGP PUBLIC KEY BLOCK-----\n";
}

}  // namespace siegel::pki
