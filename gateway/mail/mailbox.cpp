#include "gateway/mail/mailbox.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/tokens.h"

namespace siegel::mail {
namespace {

/// NUL and other controls, and a CR that does not fold: readers stop there, or do not.
bool has_stray_control(std::string_view body) {
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (!ascii::is_control(body[i]) || body[i] == '\t' || body[i] == '\n') continue;
    if (body.substr(i).starts_with("\r\n")) continue;
    return true;
  }
  return false;
}

/// Reads one mailbox; the first thing that does not fit the grammar is named and ends it.
class MailboxReader {
 public:
  explicit MailboxReader(std::string_view body) : tokens_(body) {}

  Mailbox read() {
    if (!skip()) return std::move(result_);
    read_phrase();
    if (result_.ambiguity.empty()) read_address();
    if (result_.ambiguity.empty()) read_end();
    if (phrase_.empty()) phrase_ = tokens_.comments();
    result_.display_name = decode_text(phrase_);
    if (!result_.ambiguity.empty()) result_.address.reset();
    return std::move(result_);
  }

 private:
  static bool is_phrase_character(char c) { return is_atext(c) || c == '.'; }

  bool fail(std::string_view why) {
    result_.ambiguity = why;
    return false;
  }

  bool skip() {
    if (tokens_.skip_blanks_and_comments()) return true;
    return fail("a comment does not end");
  }

  /// Words up to "<", "@" or the end. A word right before "@" is kept as the local part.
  void read_phrase() {
    while (true) {
      const auto before = tokens_.rest();
      const auto quoted = tokens_.take_quoted_string();
      const auto atom = quoted ? std::string_view() : tokens_.take_while(is_phrase_character);
      const auto size = before.size() - tokens_.rest().size();
      if (size == 0) return;
      if (tokens_.front() == '@') {
        local_ = before.substr(0, size);
        return;
      }
      if (!phrase_.empty()) phrase_ += ' ';
      phrase_ += quoted ? *quoted : std::string(atom);
      if (!skip()) return;
    }
  }

  void read_address() {
    if (!local_.empty()) {
      if (!phrase_.empty()) {
        fail("an address stands where the display name should be");
        return;
      }
      tokens_.take('@');
      const auto domain = tokens_.take_while(is_phrase_character);
      accept(std::string(local_) + '@' + std::string(domain));
      return;
    }
    if (!tokens_.take('<')) {
      fail(why_no_address());
      return;
    }
    const auto spec = tokens_.take_while([](char c) { return c != '<' && c != '>'; });
    if (!tokens_.take('>')) {
      fail("the angle brackets do not match");
      return;
    }
    accept(std::string(spec));
  }

  [[nodiscard]] std::string_view why_no_address() const {
    switch (tokens_.front()) {
      case ':':
        return "it is a group of addresses";
      case '"':
        return "a quoted string does not end";
      case '\0':
        return tokens_.at_end() ? "there is no address" : "it holds a NUL";
      default:
        return "it is no mailbox by RFC 5322 §3.4";
    }
  }

  void accept(const std::string& spec) {
    // RFC 2047 §5 (3): an encoded word must not stand in an addr-spec; some readers decode it
    // there.
    if (spec.find("=?") != std::string::npos) {
      fail("an encoded word stands inside the address");
      return;
    }
    result_.address = Address::parse(spec);
    if (!result_.address) fail("the address is not a plain local-part@domain");
  }

  void read_end() {
    if (!skip()) return;
    if (tokens_.front() == ',') fail("there is more than one mailbox");
    if (result_.ambiguity.empty() && !tokens_.at_end()) fail("something follows the address");
    // A reader that gives comments another meaning would see another author (CVE-2026-27444).
    if (result_.ambiguity.empty() && tokens_.comments().find('@') != std::string::npos)
      fail("a comment holds another address");
  }

  Tokens tokens_;
  Mailbox result_;
  std::string phrase_;
  std::string_view local_;
};

/// `text` without invisible characters, and with an @ for its look-alikes.
std::string plain(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (point && (point->value == 0xFF20 || point->value == 0xFE6B)) {
      result += '@';
    } else if (!point || !is_invisible(point->value)) {
      result += text.substr(0, point ? point->octets : 1);
    }
    text.remove_prefix(point ? point->octets : 1);
  }
  return result;
}

std::string_view around(std::string_view text, std::size_t at) {
  constexpr std::string_view ends = " \t<>()[]\"',;:";
  const auto before = text.find_last_of(ends, at);
  const auto start = before == std::string_view::npos ? 0 : before + 1;
  auto shown = text.substr(start, text.find_first_of(ends, at) - start);
  while (shown.ends_with('.')) shown.remove_suffix(1);
  return shown;
}

}  // namespace

Mailbox read_mailbox(std::string_view body) {
  if (has_stray_control(body)) return {{}, {}, "it holds control characters"};
  Mailbox ours = MailboxReader(body).read();
  if (!ours.address) return ours;
  // The second reading: whoever shows this message to a person may parse like GMime.
  const auto theirs = parse::addresses(std::string(body));
  if (theirs.size() != 1 || Address::parse(theirs.front()) != ours.address) {
    ours.address.reset();
    ours.ambiguity = "two readings of the field give two addresses";
  }
  return ours;
}

bool shows_other_address(std::string_view display_name, const std::optional<Address>& address) {
  const std::string text = plain(display_name);
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    const auto shown = around(text, at);
    if (shown.size() < 3 || shown.front() == '@' || shown.back() == '@') continue;
    const auto parsed = Address::parse(shown);
    if (!parsed || !address || !parsed->equals_folded(*address)) return true;
  }
  return false;
}

}  // namespace siegel::mail
