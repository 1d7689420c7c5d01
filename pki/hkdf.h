#pragma once

#include <string_view>

#include "pki/secret.h"

namespace siegel::pki {

/// HKDF-SHA256 (RFC 5869): 32 octets that depend on `key`, which is random, on `salt`, which may be
/// empty, and on `info`, which says what they are for. Thread-safe.
[[nodiscard]] Secret hkdf(std::string_view key, std::string_view salt, std::string_view info);

}  // namespace siegel::pki
