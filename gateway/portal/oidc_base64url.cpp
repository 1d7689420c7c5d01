#include "gateway/portal/oidc_base64url.h"

#include <algorithm>

#include "base/ascii.h"
#include "pki/store_base64.h"

namespace siegel::portal {

std::string to_base64url(std::string_view octets) {
  std::string text = pki::to_base64(octets);
  text.erase(std::ranges::find(text, '='), text.end());
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  const bool is_ours = std::ranges::all_of(text, [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || c == '-' || c == '_';
  });
  if (!is_ours) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  standard.append((4 - text.size() % 4) % 4, '=');
  std::string octets = pki::from_base64(standard);
  // The last character may have spare bits, and one character alone is no octet.
  if (to_base64url(octets) != text) return std::nullopt;
  return octets;
}

}  // namespace siegel::portal
