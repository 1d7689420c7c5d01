#pragma once

#include <string>
#include <string_view>

/// ASCII only, whatever the locale: mail syntax is defined on octets, so <cctype> has no place in
/// it.
namespace siegel::ascii {

[[nodiscard]] constexpr bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
[[nodiscard]] constexpr bool is_alpha(char c) noexcept {
  return is_upper(c) || is_lower(c);
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
/// C0 controls and DEL.
[[nodiscard]] constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20U || c == '\x7F';
}
[[nodiscard]] constexpr bool is_8bit(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0x80U) != 0;
}
[[nodiscard]] constexpr char lower(char c) noexcept {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] constexpr char upper(char c) noexcept {
  return is_lower(c) ? static_cast<char>(c - 32) : c;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

[[nodiscard]] constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

[[nodiscard]] constexpr bool starts_ignoring_case(std::string_view text,
                                                  std::string_view start) noexcept {
  return equals_ignoring_case(text.substr(0, start.size()), start);
}

/// `text` without blanks (space, tab, CR, LF) at either end.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace siegel::ascii
