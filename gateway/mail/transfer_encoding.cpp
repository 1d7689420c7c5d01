#include "gateway/mail/transfer_encoding.h"

#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/scan.h"

namespace siegel::mail {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";  // RFC 2045 §6.8
constexpr std::string_view hex_digits = "0123456789ABCDEF";
constexpr std::size_t line_columns = 76;

constexpr std::uint8_t no_digit = 0xFF;

constexpr auto base64_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

std::uint8_t base64_value(char c) noexcept {
  return base64_values[static_cast<unsigned char>(c)];
}

constexpr unsigned octet(char c) noexcept {
  return static_cast<unsigned char>(c);
}

constexpr bool is_alphabet(char c) noexcept {
  const auto folded = static_cast<unsigned char>((octet(c) | 0x20U) - 'a');
  const auto digit = static_cast<unsigned char>(octet(c) - '0');
  return folded < 26 || digit < 10 || c == '+' || c == '/';
}

/// How many characters of `text` are of the alphabet, and how many are line ends.
struct Base64Count {
  std::size_t digits = 0, line_ends = 0;
};

Base64Count count_base64(std::string_view text) noexcept {
  Base64Count total;
  constexpr std::size_t block = 128;  // a counter of eight bits: the compiler makes vector code
  for (std::size_t at = 0; at < text.size(); at += block) {
    unsigned char digits = 0;
    unsigned char ends = 0;
    for (const char c : text.substr(at, block)) {
      digits = static_cast<unsigned char>(digits + static_cast<unsigned char>(is_alphabet(c)));
      ends = static_cast<unsigned char>(ends + static_cast<unsigned char>(c == '\r' || c == '\n'));
    }
    total.digits += digits;
    total.line_ends += ends;
  }
  return total;
}

std::optional<unsigned> hex_value(char c) noexcept {
  const auto at = hex_digits.find(ascii::upper(c));
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

std::optional<char> escaped_octet(std::string_view text) noexcept {
  if (text.size() < 3) return std::nullopt;
  const auto high = hex_value(text[1]);
  const auto low = hex_value(text[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high * 16 + *low);
}

std::string_view without_trailing_blanks(std::string_view line) noexcept {
  while (!line.empty() && ascii::is_blank(line.back())) line.remove_suffix(1);
  return line;
}

/// Writes one line of content as quoted-printable lines.
class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(&out) {}

  void write(std::string_view line) {
    column_ = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
      const bool is_last = at + 1 == line.size();
      put(needs_escape(line, at) ? escape(line[at]) : std::string(1, line[at]), is_last);
    }
  }

 private:
  static std::string escape(char c) {
    return {'=', hex_digits[octet(c) >> 4U], hex_digits[octet(c) & 0xFU]};
  }

  [[nodiscard]] bool needs_escape(std::string_view line, std::size_t at) const {
    const char c = line[at];
    if (ascii::is_blank(c)) return at + 1 == line.size();
    if (c == '=' || ascii::is_control(c) || ascii::is_8bit(c)) return true;
    // At the start of an encoded line, wherever that falls: STANDARDS §2.3 rule 6.
    const bool starts_line = column_ == 0 || column_ >= line_columns - 3;
    if (c == 'F') return starts_line && line.substr(at).starts_with("From ");
    return c == '.' && starts_line && (at > 0 || line.size() == 1);
  }

  void put(const std::string& written, bool is_last) {
    // RFC 2045 §6.7 rule 5: 76 columns with the soft line break's "=".
    const std::size_t room = is_last ? line_columns : line_columns - 1;
    if (column_ + written.size() > room) {
      *out_ += "=\r\n";
      column_ = 0;
    }
    *out_ += written;
    column_ += written.size();
  }

  std::string* out_;
  std::size_t column_ = 0;
};

}  // namespace

std::string to_base64_lines(std::string_view octets) {
  constexpr std::size_t octets_per_line = line_columns / 4 * 3;
  std::string text;
  text.reserve((octets.size() / octets_per_line + 1) * (line_columns + 2));
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const auto group = octets.substr(at, 3);
    const unsigned bits = octet(group[0]) << 16U | (group.size() > 1 ? octet(group[1]) << 8U : 0) |
                          (group.size() > 2 ? octet(group[2]) : 0);
    text += alphabet[bits >> 18U & 63U];
    text += alphabet[bits >> 12U & 63U];
    text += group.size() > 1 ? alphabet[bits >> 6U & 63U] : '=';
    text += group.size() > 2 ? alphabet[bits & 63U] : '=';
    const bool ends_line = (at + 3) % octets_per_line == 0 || at + 3 >= octets.size();
    if (ends_line) text += "\r\n";
  }
  return text;
}

std::string decode_base64(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto value = base64_value(c);
    if (value == no_digit) continue;
    bits = bits << 6U | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    decoded += static_cast<char>(bits >> held & 0xFFU);
  }
  return decoded;
}

bool is_clean_base64(std::string_view text) noexcept {
  text = ascii::trim(text);
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  const auto count = count_base64(text);
  if (count.digits + count.line_ends != text.size()) return false;
  return (count.digits + padding) % 4 == 0 && (padding == 0 || count.digits > 1);
}

std::string decode_quoted_printable_line(std::string_view line) {
  std::string decoded;
  for (std::size_t at = 0; at < line.size();) {
    const auto escaped = line[at] == '=' ? escaped_octet(line.substr(at)) : std::nullopt;
    decoded += escaped.value_or(line[at]);
    at += escaped ? 3 : 1;
  }
  return decoded;
}

std::string decode_quoted_printable(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    const auto received = take_line(text);
    const auto content = without_line_end(received);
    const auto line = without_trailing_blanks(content);
    const bool is_soft = line.ends_with('=');
    decoded += decode_quoted_printable_line(is_soft ? line.substr(0, line.size() - 1) : line);
    if (!is_soft) decoded += received.substr(content.size());
  }
  return decoded;
}

std::string to_quoted_printable(std::string_view octets) {
  std::string text;
  text.reserve(octets.size() + octets.size() / 8);
  LineWriter writer(text);
  while (true) {
    const auto end = octets.find("\r\n");
    writer.write(octets.substr(0, end));
    if (end == std::string_view::npos) return text;
    text += "\r\n";
    octets.remove_prefix(end + 2);
  }
}

}  // namespace siegel::mail
