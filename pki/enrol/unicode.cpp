#include "pki/enrol/unicode.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <unicase.h>
#include <uninorm.h>

#include "base/error.h"

namespace siegel::pki::enrol {
namespace {

using Octet = std::uint8_t;

const Octet* octets_of(std::string_view text) {
  return reinterpret_cast<const Octet*>(text.data());
}

/// What libunistring has allocated, as a text.
std::string take(Octet* made, std::size_t size) {
  const std::unique_ptr<Octet, void (*)(void*)> owner(made, std::free);
  if (made == nullptr) throw system_error("a name cannot be normalised", errno);
  return {reinterpret_cast<const char*>(made), size};
}

std::string with_single_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' || !result.ends_with(' ')) result += c;
  }
  return result;
}

}  // namespace

std::string composed(std::string_view text) {
  if (text.empty()) return {};
  std::size_t size = 0;
  Octet* const made = u8_normalize(UNINORM_NFC, octets_of(text), text.size(), nullptr, &size);
  return take(made, size);
}

std::string folded(std::string_view text) {
  if (text.empty()) return {};
  std::size_t size = 0;
  Octet* const made =
      u8_casefold(octets_of(text), text.size(), nullptr, UNINORM_NFC, nullptr, &size);
  return with_single_blanks(take(made, size));
}

std::size_t characters_in(std::string_view text) {
  // Octets that continue a character begin with the bits 10 (RFC 3629 §3).
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace siegel::pki::enrol
