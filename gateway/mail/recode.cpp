#include "gateway/mail/recode.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/survey.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::mail {
namespace {

/// What the leaf means: its encoding undone, its lines ended by CRLF where they are lines.
std::string content_of(const Entity& leaf) {
  switch (leaf.encoding) {
    case TransferEncoding::base64:
      return decode_base64(leaf.body);
    case TransferEncoding::quoted_printable:
      return decode_quoted_printable(with_proper_line_ends(leaf.body));
    // RFC 2045 §2.9: binary has no lines; a lone CR or LF in it is content.
    case TransferEncoding::binary:
      return std::string(leaf.body);
    default:
      return with_proper_line_ends(leaf.body);
  }
}

bool becomes_base64(const Entity& leaf, std::string_view content) {
  if (leaf.encoding == TransferEncoding::base64) return true;
  if (content.find('\0') != std::string_view::npos) return true;  // rule 7
  if (leaf.encoding == TransferEncoding::quoted_printable) return false;
  return leaf.content_type.type != "text";  // rule 3
}

}  // namespace

std::optional<Recoded> recode(const Entity& leaf) {
  const bool claims_8bit =
      leaf.encoding == TransferEncoding::bits8 || leaf.encoding == TransferEncoding::binary;
  if (survey(leaf.body).is_safe()) {
    if (!claims_8bit) return std::nullopt;
    return Recoded{"7bit", std::nullopt, "us-ascii"};
  }
  const std::string content = content_of(leaf);
  if (becomes_base64(leaf, content))
    return Recoded{"base64", to_base64_lines(content), charset_of(content)};
  return Recoded{"quoted-printable", to_quoted_printable(content), charset_of(content)};
}

std::string_view charset_of(std::string_view content) {
  if (std::ranges::none_of(content, ascii::is_8bit)) return "us-ascii";
  return is_utf8(content) ? "utf-8" : "unknown-8bit";
}

std::string with_proper_line_ends(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 32);
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    result += text.substr(0, end);
    text.remove_prefix(end);
    if (text.empty()) break;
    result += "\r\n";
    text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
  }
  return result;
}

}  // namespace siegel::mail
