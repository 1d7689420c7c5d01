#include "gateway/mail/compose.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/random.h"
#include "base/utf8.h"
#include "gateway/mail/encode.h"

namespace siegel::mail {
namespace {

constexpr std::size_t fold_column = 78;         // RFC 5322 §2.1.1 SHOULD
constexpr std::size_t longest_token = 900;      // leaves room for the name within 998
constexpr std::size_t encoded_word_limit = 75;  // RFC 2047 §2
constexpr std::size_t parameter_limit = 60;

bool is_printable_ascii(char c) {
  return c >= ' ' && c < '\x7F';
}

/// Writes a field token by token and folds in front of a token that would pass column 78.
class FieldWriter {
 public:
  explicit FieldWriter(std::string_view name) : text_(name), column_(name.size() + 1) {
    text_ += ':';
  }

  /// REQUIRES: `token` holds no blank and is no longer than `longest_token`.
  void write(std::string_view token) {
    // The first token stays with the name: a line of the name alone is legal, but some readers
    // take it for an empty field.
    const bool folds = !is_first_ && column_ + 1 + token.size() > fold_column;
    if (folds) {
      text_ += "\r\n";
      column_ = 0;
    }
    text_ += ' ';
    text_ += token;
    column_ += 1 + token.size();
    is_first_ = false;
  }
  [[nodiscard]] std::size_t room() const {
    return column_ + 1 < fold_column ? fold_column - column_ - 1 : 0;
  }
  [[nodiscard]] std::string finish() && { return std::move(text_) + "\r\n"; }

 private:
  std::string text_;
  std::size_t column_;
  bool is_first_ = true;
};

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

// "=?" would be read as the start of an encoded word (RFC 2047 §6.1).
bool needs_encoding(std::string_view word) {
  return word.size() > longest_token || word.find("=?") != std::string_view::npos ||
         !std::ranges::all_of(word, is_printable_ascii);
}

/// Writes `text` as encoded words. Each holds whole characters (RFC 2047 §5).
void write_encoded(FieldWriter& field, std::string_view text) {
  while (!text.empty()) {
    const std::size_t room = std::min(encoded_word_limit, std::max(field.room(), std::size_t{40}));
    field.write(take_encoded_word(text, room));
  }
}

std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

bool is_token(std::string_view value) {
  constexpr std::string_view specials = "()<>@,;:\\\"/[]?= ";  // RFC 2045 §5.1
  return !value.empty() && std::ranges::all_of(value, [&](char c) {
    return is_printable_ascii(c) && specials.find(c) == std::string_view::npos;
  });
}

/// RFC 2231 §3, §4: `name*0*=utf-8''…; name*1*=…`, cut at whole characters.
std::string extended_parameter(std::string_view name, std::string_view value) {
  std::vector<std::string> sections(1);
  while (!value.empty()) {
    const auto point = first_code_point(value);
    const auto escaped = percent_encoded(value.substr(0, point ? point->octets : 1));
    if (sections.back().size() + escaped.size() > parameter_limit) sections.emplace_back();
    sections.back() += escaped;
    value.remove_prefix(point ? point->octets : 1);
  }
  if (sections.size() == 1) return fmt::format("{}*=utf-8''{}", name, sections.front());
  std::string text;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::string_view before = i == 0 ? "" : "; ";
    const std::string_view charset = i == 0 ? "utf-8''" : "";
    text += fmt::format("{}{}*{}*={}{}", before, name, i, charset, sections[i]);
  }
  return text;
}

bool occurs_in(std::string_view needle, const std::vector<std::string_view>& contents) {
  return std::ranges::any_of(contents, [&](std::string_view content) {
    return content.find(needle) != std::string_view::npos;
  });
}

}  // namespace

std::string make_field(std::string_view name, std::string_view value) {
  const std::string clean = clean_text(value);
  const auto words = split_words(clean);
  FieldWriter field(name);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!needs_encoding(words[i])) {
      field.write(words[i]);
      continue;
    }
    // RFC 2047 §6.2: blanks between two encoded words are not shown, so that those between two
    // words that need it are encoded with them.
    const char* const start = words[i].data();
    while (i + 1 < words.size() && needs_encoding(words[i + 1])) ++i;
    const char* const end = words[i].data() + words[i].size();
    write_encoded(field, {start, static_cast<std::size_t>(end - start)});
  }
  return std::move(field).finish();
}

std::string make_structured_field(std::string_view name, std::string_view value) {
  std::string clean(value);
  std::ranges::replace_if(
      clean, [](char c) { return !is_printable_ascii(c); }, '?');
  FieldWriter field(name);
  for (auto word : split_words(clean)) {
    // RFC 5322 §2.1.1: 998 is a MUST, which goes before the token.
    for (; word.size() > longest_token; word.remove_prefix(longest_token))
      field.write(word.substr(0, longest_token));
    field.write(word);
  }
  return std::move(field).finish();
}

std::string make_parameter(std::string_view name, std::string_view value) {
  const std::string clean = clean_text(value);
  const bool is_ascii = std::ranges::all_of(clean, is_printable_ascii);
  if (!is_ascii || clean.size() > longest_token / 2 || clean.find("=?") != std::string::npos)
    return extended_parameter(name, clean);
  return fmt::format("{}={}", name, is_token(clean) ? clean : in_quotes(clean));
}

std::string make_boundary(const std::vector<std::string_view>& contents) {
  while (true) {
    // "=_" stands in no quoted-printable and no base64 text (RFC 2045 §6.7 rule 5 note).
    std::string boundary = "=_" + random_hex(16) + "_=";
    if (!occurs_in(boundary, contents)) return boundary;
  }
}

bool is_content_field(const Field& field) {
  return ascii::starts_ignoring_case(field.name, "Content-");
}

}  // namespace siegel::mail
