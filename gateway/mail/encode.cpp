#include "gateway/mail/encode.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"

namespace siegel::mail {
namespace {

constexpr char32_t replacement = 0xFFFD;

// RFC 2047 §5 (3): the characters that may stand unencoded wherever an encoded word may.
bool is_plain_in_q(char c) {
  constexpr std::string_view marks = "!*+-/";
  return ascii::is_alpha(c) || ascii::is_digit(c) || marks.find(c) != std::string_view::npos;
}

std::string q_encoded(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    if (c == ' ') {
      text += '_';
    } else if (is_plain_in_q(c)) {
      text += c;
    } else {
      text += fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

std::string b_encoded(std::string_view octets) {
  std::string lines = to_base64_lines(octets);
  lines.resize(lines.find_last_not_of("\r\n") + 1);
  return lines;
}

std::string to_encoded_word(std::string_view octets) {
  const std::string q = q_encoded(octets);
  const std::string b = b_encoded(octets);
  return q.size() <= b.size() ? "=?utf-8?q?" + q + "?=" : "=?utf-8?b?" + b + "?=";
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const auto octets = text.substr(0, point ? point->octets : 1);
    text.remove_prefix(octets.size());
    const bool is_blank = octets.front() == ' ' || ascii::is_control(octets.front());
    if (!point) {
      append_utf8(clean, replacement);
    } else if (!is_blank) {
      clean += octets;
    } else if (!clean.empty() && clean.back() != ' ') {
      clean += ' ';
    }
  }
  if (clean.ends_with(' ')) clean.pop_back();
  return clean;
}

std::string take_encoded_word(std::string_view& text, std::size_t limit) {
  std::size_t size = 0;
  std::string word;
  // Not more octets than base64 lines of one row, so that b_encoded stays on one line.
  while (size < text.size()) {
    const auto point = first_code_point(text.substr(size));
    const auto longer_size = size + (point ? point->octets : 1);
    std::string longer = to_encoded_word(text.substr(0, longer_size));
    if (longer.size() > limit && size > 0) break;
    word = std::move(longer);
    size = longer_size;
  }
  text.remove_prefix(size);
  return word;
}

std::string percent_encoded(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    const bool is_plain =
        ascii::is_alpha(c) || ascii::is_digit(c) || c == '.' || c == '-' || c == '_';
    text += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace siegel::mail
