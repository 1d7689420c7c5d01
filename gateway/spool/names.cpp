#include "gateway/spool/names.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace siegel::spool {

bool is_envelope_id(std::string_view text) noexcept {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char c) { return ascii::is_digit(c) || ascii::is_lower(c); });
}

std::string item_id(std::string_view envelope_id, std::size_t number) {
  return std::string(envelope_id) + '.' + std::to_string(number);
}

std::optional<ItemName> parse_item_id(std::string_view id) {
  const std::size_t dot = id.find('.');
  if (dot == std::string_view::npos || !is_envelope_id(id.substr(0, dot))) return std::nullopt;
  ItemName name{std::string(id.substr(0, dot)), 0};
  std::from_chars(id.data() + dot + 1, id.data() + id.size(), name.number);
  // One spelling only: "7" is a number here, "07", "+7" and "7 " are not.
  if (name.number == 0 || item_id(name.envelope_id, name.number) != id) return std::nullopt;
  return name;
}

}  // namespace siegel::spool
