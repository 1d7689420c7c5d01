#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The lexical tokens of RFC 5322 §3.2 and RFC 2045 §5.1, taken one by one off the front of a field
/// body. Every take_ function leaves the text where it was if it finds nothing.
namespace siegel::mail {

class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] char front() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  /// Skips blanks, folding and comments (RFC 5322 §3.2.2 CFWS). False if a comment does not end, or
  /// nests deeper than 32.
  bool skip_blanks_and_comments();
  /// The text of all comments skipped so far, joined by blanks.
  [[nodiscard]] const std::string& comments() const noexcept { return comments_; }

  bool take(char expected);
  /// The longest run of characters for which `allowed` holds; empty if there is none.
  template <typename Allowed>
  std::string_view take_while(Allowed allowed) {
    std::size_t size = 0;
    while (size < rest_.size() && allowed(rest_[size])) ++size;
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  /// A quoted-string's value, quotes and quoted pairs undone, folding removed; nothing if there is
  /// none, or it does not end, or it holds a bare line end or NUL.
  std::optional<std::string> take_quoted_string();

 private:
  bool skip_comment();

  std::string_view rest_;
  std::string comments_;
};

/// RFC 2045 §5.1 token.
[[nodiscard]] bool is_token_character(char c) noexcept;
/// RFC 5322 §3.2.3 atext, and octets above 127 (RFC 6532 §3.2).
[[nodiscard]] bool is_atext(char c) noexcept;

}  // namespace siegel::mail
