#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "gateway/mail/message.h"

/// Meaning of header fields. Reading is strict where trust hangs on it (author), lenient where only
/// display does (subject).
namespace siegel::mail {

/// What the From fields say of the author (STANDARDS §2.7, R-16, CVE-2026-27444).
struct Author {
  /// Set only if there is exactly one From field with exactly one mailbox, clean by Address::parse,
  /// and every reading of the field agrees: no group, no second address in a comment, no control
  /// characters.
  std::optional<Address> address;
  std::string display_name;    ///< decoded, for people
  bool display_spoof = false;  ///< the display name shows an address that is not `address`
  std::string ambiguity;       ///< why there is no address, in words; empty if there is one
};

[[nodiscard]] Author author(const Entity& top);
/// The Sender field alike; nothing if there is none or it is not clean.
[[nodiscard]] std::optional<Address> sender(const Entity& top);

/// Unfolded, RFC 2047 decoded to UTF-8; bad octets become U+FFFD. For display and tag matching,
/// never for trust.
[[nodiscard]] std::string decode_text(std::string_view field_body);
[[nodiscard]] std::string subject(const Entity& top);
/// The same as readers show it that rather guess than show nothing: raw octets that are no UTF-8,
/// and encoded words of a character set that is not known, are ISO-8859-1. For finding wishes.
[[nodiscard]] std::string guess_text(std::string_view field_body);

/// A field body without folding and comments (RFC 5322 §3.2.2), blanks trimmed: "auto-replied" from
/// " (x) auto-replied\r\n".
[[nodiscard]] std::string bare_value(std::string_view field_body);

/// Parses a Content-Type field body; `defects` gains what is wrong with it.
[[nodiscard]] ContentType parse_content_type(std::string_view body, std::vector<Defect>& defects);

}  // namespace siegel::mail
