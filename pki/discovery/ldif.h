#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "pki/certificate.h"

namespace siegel::pki::discovery {

/// A mailbox as a directory publishes it.
struct PublishedMailbox {
  Address address;
  std::string display_name;  ///< may be empty
  Certificate certificate;
};

/// `value` as the value of a relative distinguished name (RFC 4514 §2.4).
[[nodiscard]] std::string escape_for_name(std::string_view value);

/// An inetOrgPerson (RFC 2798) for each mailbox below `base`, with mail and userCertificate;binary,
/// as LDIF (RFC 2849) that `ldapadd` takes. Ends with an empty line.
[[nodiscard]] std::string ldif(const std::string& base,
                               const std::vector<PublishedMailbox>& mailboxes);

}  // namespace siegel::pki::discovery
