#include "gateway/mail/tokens.h"

#include "base/ascii.h"

namespace siegel::mail {
namespace {

constexpr int comment_depth_limit = 32;

bool is_blank_or_line_end(char c) noexcept {
  return ascii::is_blank(c) || c == '\r' || c == '\n';
}

}  // namespace

bool Tokens::take(char expected) {
  if (front() != expected || rest_.empty()) return false;
  rest_.remove_prefix(1);
  return true;
}

bool Tokens::skip_comment() {
  int depth = 0;
  std::size_t at = 0;
  if (!comments_.empty()) comments_ += ' ';
  for (; at < rest_.size(); ++at) {
    const char c = rest_[at];
    const bool is_escaped = c == '\\' && at + 1 < rest_.size();
    if (is_escaped) ++at;
    if (!is_escaped && c == '(' && ++depth > comment_depth_limit) return false;
    if (!is_escaped && c == ')' && --depth == 0) break;
    if (rest_[at] != '\r' && rest_[at] != '\n' && at > 0) comments_ += rest_[at];
  }
  if (at == rest_.size()) return false;
  rest_.remove_prefix(at + 1);
  return true;
}

bool Tokens::skip_blanks_and_comments() {
  while (true) {
    take_while(is_blank_or_line_end);
    if (front() != '(') return true;
    if (!skip_comment()) return false;
  }
}

std::optional<std::string> Tokens::take_quoted_string() {
  if (front() != '"') return std::nullopt;
  std::string value;
  for (std::size_t at = 1; at < rest_.size(); ++at) {
    char c = rest_[at];
    if (c == '"') {
      rest_.remove_prefix(at + 1);
      return value;
    }
    if (c == '\\' && at + 1 < rest_.size()) c = rest_[++at];
    // RFC 5322 §3.2.4: the line end of folding is no part of the value, its blank is.
    const bool folds = rest_.substr(at).starts_with("\r\n") || c == '\n';
    if (folds) continue;
    if (c == '\0' || c == '\r') return std::nullopt;
    value += c;
  }
  return std::nullopt;
}

bool is_token_character(char c) noexcept {
  constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
  return c > ' ' && c < '\x7F' && specials.find(c) == std::string_view::npos;
}

bool is_atext(char c) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
  return ascii::is_alpha(c) || ascii::is_digit(c) || ascii::is_8bit(c) ||
         marks.find(c) != std::string_view::npos;
}

}  // namespace siegel::mail
