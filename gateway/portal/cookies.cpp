#include "gateway/portal/cookies.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"
#include "gateway/portal/fields.h"

namespace siegel::portal {
namespace {

constexpr std::size_t longest_field = 8192;
constexpr int most_cookies = 64;

// RFC 6265 §4.1.1: cookie-octet, perhaps in quotes.
std::optional<std::string_view> clean_value(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  const bool clean = std::ranges::none_of(text, [](char c) {
    return ascii::is_control(c) || ascii::is_8bit(c) || c == ' ' || c == '"' || c == ',' ||
           c == '\\';
  });
  return clean ? std::optional(text) : std::nullopt;
}

}  // namespace

std::optional<std::string> cookie_value(std::string_view field, std::string_view name) {
  if (field.size() > longest_field) return std::nullopt;
  std::optional<std::string> found;
  for (int number = 0; !field.empty() && number < most_cookies; ++number) {
    const std::string_view pair = field.substr(0, field.find(';'));
    field.remove_prefix(std::min(field.size(), pair.size() + 1));
    const auto sign = pair.find('=');
    if (sign == std::string_view::npos || ascii::trim(pair.substr(0, sign)) != name) continue;
    const auto value = clean_value(ascii::trim(pair.substr(sign + 1)));
    if (!value || (found && *found != *value)) return std::nullopt;
    found = std::string(*value);
  }
  return found;
}

std::string set_cookie(std::string_view name, std::string_view value, std::optional<long> seconds) {
  if (!is_token(name) || (!value.empty() && !is_token(value)))
    throw Error(Fault::ours, "the cookie cannot be set, an operator has to look",
                "cookie " + std::string(name) + " is not made of tokens");
  std::string text = std::string(name) + '=' + std::string(value);
  if (seconds) text += "; Max-Age=" + std::to_string(*seconds);
  return text + "; Path=/; Secure; HttpOnly; SameSite=Lax";
}

}  // namespace siegel::portal
