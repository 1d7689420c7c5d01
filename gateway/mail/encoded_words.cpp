#include "gateway/mail/encoded_words.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/parse.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::mail {
namespace {

struct EncodedWord {
  std::string_view source;   ///< all of it
  std::string_view charset;  ///< without the language of RFC 2231 §5
  std::string octets;        ///< decoded
};

std::string decode_q(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '_', ' ');
  // The escapes are those of quoted-printable; a blank at the end counts here.
  return decode_quoted_printable_line(spaced);
}

/// RFC 2047 §2 at the front of `text`: "=?" charset "?" encoding "?" encoded-text "?=".
std::optional<EncodedWord> read_word(std::string_view text) {
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size()) return std::nullopt;
  const char encoding = ascii::lower(text[charset_end + 1]);
  const auto start = charset_end + 3;
  const auto end = text.find('?', start);
  if (text[charset_end + 2] != '?' || end == std::string_view::npos) return std::nullopt;
  if (text.substr(end, 2) != "?=" || (encoding != 'q' && encoding != 'b')) return std::nullopt;
  const auto content = text.substr(start, end - start);
  std::string_view charset = text.substr(2, charset_end - 2);
  charset = charset.substr(0, charset.find('*'));
  return EncodedWord{text.substr(0, end + 2), charset,
                     encoding == 'q' ? decode_q(content) : decode_base64(content)};
}

/// Gathers the words that stand side by side, so that their octets are converted together.
class WordWriter {
 public:
  explicit WordWriter(UnknownCharset unknown) : unknown_(unknown) {}

  void add_word(const EncodedWord& word) {
    pending_blanks_.clear();  // there are some only between this word and the one before
    if (!ascii::equals_ignoring_case(word.charset, charset_)) flush();
    charset_ = word.charset;
    octets_ += word.octets;
    source_ += word.source;
  }
  void add_text(char c) {
    if (!source_.empty() && ascii::is_blank(c)) {
      pending_blanks_ += c;
      return;
    }
    flush();
    text_ += c;
  }
  [[nodiscard]] std::string finish() && {
    flush();
    return std::move(text_);
  }

 private:
  void flush() {
    if (!source_.empty()) text_ += parse::to_utf8(charset_, octets_).value_or(in_its_place());
    text_ += pending_blanks_;
    octets_.clear();
    source_.clear();
    pending_blanks_.clear();
  }

  [[nodiscard]] std::string in_its_place() const {
    return unknown_ == UnknownCharset::keeps_word ? source_ : utf8_or_latin1(octets_);
  }

  UnknownCharset unknown_;
  std::string text_;
  std::string charset_, octets_, source_;  // of the words that are being gathered
  std::string pending_blanks_;             // after them
};

}  // namespace

std::string decode_words(std::string_view text, UnknownCharset unknown) {
  WordWriter writer(unknown);
  while (!text.empty()) {
    const auto word = text.starts_with("=?") ? read_word(text) : std::nullopt;
    if (word) {
      writer.add_word(*word);
    } else {
      writer.add_text(text.front());
    }
    text.remove_prefix(word ? word->source.size() : 1);
  }
  return std::move(writer).finish();
}

std::string utf8_or_latin1(std::string_view octets) {
  if (is_utf8(octets)) return std::string(octets);
  std::string text;
  for (const char c : octets) append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

}  // namespace siegel::mail
