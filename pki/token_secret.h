#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"
#include "pki/private_key.h"

/// How a private key stands in the database, before it is sealed (docs/FORMATS.md).
namespace siegel::pki {

/// What is to be sealed: PKCS#8 DER, or the URI of a key that lives in a token. The caller cleanses
/// it.
[[nodiscard]] std::string secret_of(const PrivateKey& key);

/// It is the URI of a key in a token.
[[nodiscard]] bool is_in_token(std::string_view secret);

/// The key that secret_of() gave `secret` for; nothing if it is neither. `token` is opened if it is
/// needed: throws Error{ours} if it cannot be, or has no such key.
[[nodiscard]] std::optional<PrivateKey> open_secret(
    std::string_view secret, const std::optional<config::TokenSettings>& token);

}  // namespace siegel::pki
