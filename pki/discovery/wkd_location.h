#pragma once

#include <string>
#include <string_view>

#include "base/address.h"

/// Where the key of an address stands on the web (draft-koch-openpgp-webkey-service §3.1).
namespace siegel::pki::discovery {

/// z-base-32 (RFC 6189 §5.1.6).
[[nodiscard]] std::string zbase32(std::string_view octets);
/// z-base-32 of SHA-1 of the local part in lower case: 32 characters.
[[nodiscard]] std::string hashed_local_part(const Address& address);

struct WebKeyLocation {
  std::string host;
  std::string target;  ///< path and query
};
[[nodiscard]] WebKeyLocation advanced_location(const Address& address);
[[nodiscard]] WebKeyLocation direct_location(const Address& address);

}  // namespace siegel::pki::discovery
