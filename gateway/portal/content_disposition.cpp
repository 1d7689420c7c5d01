#include "gateway/portal/content_disposition.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/portal/percent.h"

namespace siegel::portal {
namespace {

constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_extension = 16;
constexpr std::string_view nameless = "file";

bool is_hidden(char32_t value) {
  const bool c1 = value >= 0x80 && value < 0xA0;
  const bool line_separator = value == 0x2028 || value == 0x2029;
  return c1 || line_separator || is_invisible(value);
}

// Each code point as it may be shown; what is not UTF-8 becomes "_", octet by octet.
std::string without_dangers(std::string_view name) {
  constexpr std::string_view meaningful = "/\\:*?\"<>|%;";
  std::string safe;
  while (!name.empty()) {
    const auto point = first_code_point(name);
    const std::size_t octets = point ? point->octets : 1;
    if (!point || meaningful.find(name.front()) != std::string_view::npos)
      safe += '_';
    else if (!ascii::is_control(name.front()) && !is_hidden(point->value))
      safe += name.substr(0, octets);
    name.remove_prefix(octets);
  }
  return safe;
}

std::string_view without_dots_around(std::string_view name) {
  const auto first = name.find_first_not_of(". ");
  if (first == std::string_view::npos) return {};
  return name.substr(first, name.find_last_not_of(". ") - first + 1);
}

// What Windows takes for a device, with any extension.
bool is_device(std::string_view name) {
  constexpr std::array<std::string_view, 6> words{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
  std::string_view stem = name.substr(0, name.find('.'));
  stem = ascii::trim(stem);
  if (std::ranges::any_of(words,
                          [&](auto word) { return ascii::equals_ignoring_case(stem, word); }))
    return true;
  const bool numbered =
      ascii::starts_ignoring_case(stem, "COM") || ascii::starts_ignoring_case(stem, "LPT");
  // superscript digits count too
  constexpr std::array<std::string_view, 3> raised{"\u00B9", "\u00B2", "\u00B3"};
  const std::string_view number = numbered ? stem.substr(3) : std::string_view{};
  return (number.size() == 1 && ascii::is_digit(number[0])) ||
         std::ranges::find(raised, number) != raised.end();
}

std::string shortened(const std::string& name) {
  if (name.size() <= longest_name) return name;
  const auto dot = name.rfind('.');
  const bool has_extension = dot != std::string::npos && name.size() - dot <= longest_extension;
  const std::string extension = has_extension ? name.substr(dot) : std::string{};
  return std::string(utf8_prefix(name, longest_name - extension.size())) + extension;
}

}  // namespace

std::string safe_file_name(std::string_view name) {
  const std::string clean = without_dangers(name);
  const std::string whole(without_dots_around(clean));
  std::string safe = shortened(whole);
  if (safe.empty()) safe = nameless;
  return is_device(safe) ? '_' + safe : safe;
}

std::string attachment_disposition(std::string_view name) {
  const std::string safe = safe_file_name(name);
  std::string plain;
  for (std::string_view rest = safe; !rest.empty();) {
    const auto point = first_code_point(rest);
    plain += point && point->value < 0x80 ? rest.front() : '_';
    rest.remove_prefix(point ? point->octets : 1);
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encoded(safe);
}

}  // namespace siegel::portal
