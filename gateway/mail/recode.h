#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/mail/message.h"

/// A leaf's body in a form that every hop lets through (STANDARDS §2.3 rules 1, 3 to 7).
namespace siegel::mail {

struct Recoded {
  std::string_view encoding;        ///< for Content-Transfer-Encoding
  std::optional<std::string> body;  ///< nothing: the received body stays
  std::string_view charset;         ///< of the content, for a leaf that names no Content-Type
};

/// Nothing if the body is safe as it is. REQUIRES: `leaf` has no parts and a known encoding.
[[nodiscard]] std::optional<Recoded> recode(const Entity& leaf);

/// us-ascii, utf-8, or RFC 1428's unknown-8bit.
[[nodiscard]] std::string_view charset_of(std::string_view content);

/// `text` with every CR, LF or CRLF made CRLF.
[[nodiscard]] std::string with_proper_line_ends(std::string_view text);

}  // namespace siegel::mail
