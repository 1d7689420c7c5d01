#include "config/name_pattern.h"

#include <optional>
#include <regex>
#include <string>

#include "base/utf8.h"

namespace siegel::config {
namespace {

constexpr std::size_t name_limit = 1000;

/// One wchar_t for each character, or nothing if `text` is no UTF-8 or is longer than `limit`.
std::optional<std::wstring> characters_of(std::string_view text, std::size_t limit) {
  static_assert(sizeof(wchar_t) == sizeof(char32_t));
  std::wstring characters;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (!point || characters.size() == limit) return std::nullopt;
    characters += static_cast<wchar_t>(point->value);
    text.remove_prefix(point->octets);
  }
  return characters;
}

/// libstdc++ tries all ways one after the other unless told to walk them side by side. "(\w+ ?)+x"
/// is a pattern that people write, and it would try 2^40 ways of a name of 40 letters.
std::optional<std::wregex> compiled(std::string_view pattern) {
  const auto characters = characters_of(pattern, pattern_limit);
  if (!characters) return std::nullopt;
  try {
    return std::wregex(*characters,
                       std::regex_constants::ECMAScript | std::regex_constants::__polynomial);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

}  // namespace

bool is_name_pattern(std::string_view pattern) {
  return compiled(pattern).has_value();
}

bool fits_pattern(std::string_view name, std::string_view pattern) {
  const auto characters = characters_of(name, name_limit);
  const auto regex = compiled(pattern);
  return characters && regex && std::regex_match(*characters, *regex);
}

}  // namespace siegel::config
