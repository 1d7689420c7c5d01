#include "base/utf8.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"

namespace siegel {
namespace {

struct Lead {
  std::size_t octets;
  char32_t bits;
  char32_t least;  // the smallest value that needs this many octets: anything below is over-long
};

std::optional<Lead> read_lead(unsigned char octet) noexcept {
  if (octet < 0x80U) return Lead{1, octet, 0};
  if ((octet & 0xE0U) == 0xC0U) return Lead{2, octet & 0x1FU, 0x80};
  if ((octet & 0xF0U) == 0xE0U) return Lead{3, octet & 0x0FU, 0x800};
  if ((octet & 0xF8U) == 0xF0U) return Lead{4, octet & 0x07U, 0x10000};
  return std::nullopt;
}

bool is_scalar(char32_t value) noexcept {
  return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

struct Range {
  char32_t first, last;
};

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  const auto lead = read_lead(static_cast<unsigned char>(text.front()));
  if (!lead || text.size() < lead->octets) return std::nullopt;
  char32_t value = lead->bits;
  for (std::size_t i = 1; i < lead->octets; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xC0U) != 0x80U) return std::nullopt;
    value = (value << 6U) | (octet & 0x3FU);
  }
  if (value < lead->least || !is_scalar(value)) return std::nullopt;
  return CodePoint{value, lead->octets};
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (!point) return false;
    text.remove_prefix(point->octets);
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

void append_utf8(std::string& text, char32_t value) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((value >> shift) & 0x3FU));
  };
  if (value < 0x80) {
    text += static_cast<char>(value);
  } else if (value < 0x800) {
    text += static_cast<char>(0xC0U | (value >> 6U));
    tail(0);
  } else if (value < 0x10000) {
    text += static_cast<char>(0xE0U | (value >> 12U));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | (value >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_invisible(char32_t value) noexcept {
  static constexpr std::array<Range, 15> ranges{{{0x00AD, 0x00AD},
                                                 {0x034F, 0x034F},
                                                 {0x061C, 0x061C},
                                                 {0x115F, 0x1160},
                                                 {0x17B4, 0x17B5},
                                                 {0x180B, 0x180F},
                                                 {0x200B, 0x200F},
                                                 {0x2028, 0x202E},
                                                 {0x2060, 0x206F},
                                                 {0x3164, 0x3164},
                                                 {0xFE00, 0xFE0F},
                                                 {0xFEFF, 0xFEFF},
                                                 {0xFFA0, 0xFFA0},
                                                 {0xFFF9, 0xFFFB},
                                                 {0xE0000, 0xE0FFF}}};
  return std::ranges::any_of(
      ranges, [value](const Range& range) { return value >= range.first && value <= range.last; });
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  while (!text.empty() && result.size() < limit) {
    const auto point = first_code_point(text);
    if (!point) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const bool is_c1 = point->value >= 0x80 && point->value < 0xA0;
    if (is_c1 || is_invisible(point->value)) {
      result += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(point->value));
    } else if (point->octets == 1 && ascii::is_control(text.front())) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else {
      result += text.substr(0, point->octets);
    }
    text.remove_prefix(point->octets);
  }
  if (!text.empty()) result += "…";
  return result;
}

}  // namespace siegel
