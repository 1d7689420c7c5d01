#include "gateway/mail/xtext.h"

#include <charconv>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::mail {

std::optional<std::string> from_xtext(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    char c = text.front();
    std::size_t size = 1;
    if (c == '+') {
      unsigned value = 0;
      const auto digits = text.substr(1, 2);
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (error != std::errc{} || end - digits.data() != 2) return std::nullopt;
      c = static_cast<char>(value);
      size = 3;
    }
    if (ascii::is_control(c)) return std::nullopt;
    decoded += c;
    text.remove_prefix(size);
  }
  return decoded;
}

std::string to_utf8_address_xtext(std::string_view address) {
  std::string text;
  while (!address.empty()) {
    const auto point = first_code_point(address);
    if (!point) return text;
    const bool is_plain = point->octets == 1 && address.front() != '\\' && address.front() != '+' &&
                          address.front() != '=';
    text += is_plain ? std::string(1, address.front())
                     : fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(point->value));
    address.remove_prefix(point->octets);
  }
  return text;
}

}  // namespace siegel::mail
