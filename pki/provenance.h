#pragma once

#include <optional>
#include <string_view>

#include "base/address.h"

namespace siegel::pki {

/// How a peer key came to us, best first: a lower rank never replaces or hides a higher one.
enum class Provenance {
  admin,              ///< `siegel peer add`
  directory,          ///< of our own PKI
  harvested,          ///< with a message whose verdict is good
  foreign_directory,  ///< LDAP
  dns,                ///< SMIMEA, OPENPGPKEY, by DNSSEC; a Web Key Directory
  autocrypt,          ///< said by the sender alone
};
/// As in the database: "admin", "foreign-directory".
[[nodiscard]] std::string_view name(Provenance provenance) noexcept;

enum class Learned {
  added,
  refreshed,
  unchanged,
  pending,  ///< another issuer or key type than the pinned one: waits for `siegel peer approve`
  ignored,  ///< older than what we have (R-37), over a limit (R-38), or below a higher rank (R-33)
};
[[nodiscard]] std::string_view name(Learned learned) noexcept;

/// The peer address that stands for all of a domain (gateway to gateway): "*@justiz.example".
/// Nothing if the domain cannot be written so.
[[nodiscard]] std::optional<Address> domain_wide(const Address& address);
[[nodiscard]] bool is_domain_wide(const Address& address);

}  // namespace siegel::pki
