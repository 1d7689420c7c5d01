#pragma once

#include <string>
#include <string_view>

namespace siegel::pki {

/// A public key for people and mail: "-----BEGIN PGP PUBLIC KEY BLOCK-----" (RFC 4880 §6.2), lines
/// ended by LF.
[[nodiscard]] std::string armoured_key(std::string_view octets);

}  // namespace siegel::pki
