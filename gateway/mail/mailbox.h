#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"

/// The one mailbox of a field on which trust hangs (STANDARDS §2.7). Our own reading of
/// RFC 5322 §3.4, narrower than the grammar where readers are known to differ:
///
///   field    := [CFWS] ( addr-spec / [phrase] "<" addr-spec ">" ) [CFWS]
///   phrase   := 1*( atom / quoted-string / "." )      ; the dot by §4.1 obs-phrase
///   addr-spec: what Address::parse takes; no comments, blanks, routes or encoded words inside
namespace siegel::mail {

struct Mailbox {
  /// Set only if there is exactly one and GMime reads the same.
  std::optional<Address> address;
  std::string display_name;  ///< decoded phrase; the comment where there is no phrase
  std::string ambiguity;     ///< why there is no address, in words; empty if there is one
};

/// REQUIRES: `body` is a field body as in Field::body.
[[nodiscard]] Mailbox read_mailbox(std::string_view body);

/// True if `display_name` shows an address other than `address` (STANDARDS §2.7.2); look-alikes of
/// the @ count too, invisible characters do not.
[[nodiscard]] bool shows_other_address(std::string_view display_name,
                                       const std::optional<Address>& address);

}  // namespace siegel::mail
