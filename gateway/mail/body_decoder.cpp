#include "gateway/mail/body_decoder.h"

#include <utility>

#include "base/ascii.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::mail {

std::string BodyDecoder::take(std::string_view piece) {
  if (encoding_ == TransferEncoding::base64) return take_base64(piece);
  if (encoding_ == TransferEncoding::quoted_printable) return take_lines(piece);
  return std::string(piece);
}

/// RFC 2045 §6.8: four characters of the alphabet make three octets, whatever stands between them.
std::string BodyDecoder::take_base64(std::string_view piece) {
  for (const char c : piece) {
    is_over_ = is_over_ || c == '=';
    if (is_over_) break;
    if (ascii::is_alpha(c) || ascii::is_digit(c) || c == '+' || c == '/') held_ += c;
  }
  const std::size_t whole = held_.size() - held_.size() % 4;
  std::string decoded = decode_base64(std::string_view(held_).substr(0, whole));
  held_.erase(0, whole);
  return decoded;
}

/// RFC 2045 §6.7: what a blank or a "=" means is known at the end of its line.
std::string BodyDecoder::take_lines(std::string_view piece) {
  held_ += piece;
  const auto last = held_.rfind('\n');
  if (last == std::string::npos) return {};
  std::string decoded = decode_quoted_printable(std::string_view(held_).substr(0, last + 1));
  held_.erase(0, last + 1);
  return decoded;
}

std::string BodyDecoder::finish() {
  const std::string rest = std::exchange(held_, {});
  if (encoding_ == TransferEncoding::base64) return decode_base64(rest);
  if (encoding_ == TransferEncoding::quoted_printable) return decode_quoted_printable(rest);
  return {};
}

}  // namespace siegel::mail
