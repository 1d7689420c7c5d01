#pragma once

#include <optional>
#include <string>

#include "pki/gpg.h"

namespace siegel::pki {

/// A round trip before a key goes into service: signs and verifies, encrypts and decrypts, as far
/// as it is meant to, by the very code that the relay uses. What went wrong, or nothing.
/// REQUIRES: `gpg` finds the secret key.
[[nodiscard]] std::optional<std::string> self_test(const Gpg& gpg, const OpenPgpKey& key, Time at);

}  // namespace siegel::pki
