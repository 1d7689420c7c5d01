#include "gateway/portal/fields.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"

namespace siegel::portal {

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) { return ascii::is_control(c) && c != '\t'; });
}

void Fields::add(std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value))
    throw Error(Fault::ours, "the answer cannot be written, an operator has to look",
                "header field " + std::string(name) + " holds control characters");
  fields_.push_back({std::string(name), std::string(ascii::trim(value))});
}

void Fields::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Fields::remove(std::string_view name) {
  std::erase_if(fields_,
                [&](const Field& field) { return ascii::equals_ignoring_case(field.name, name); });
}

std::optional<std::string> Fields::get(std::string_view name) const {
  const std::string_view between = ascii::equals_ignoring_case(name, "Cookie") ? "; " : ", ";
  std::optional<std::string> joined;
  for (const Field& field : fields_) {
    if (!ascii::equals_ignoring_case(field.name, name)) continue;
    joined = joined ? *joined + std::string(between) + field.value : field.value;
  }
  return joined;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [&](const Field& field) { return ascii::equals_ignoring_case(field.name, name); }));
}

}  // namespace siegel::portal
