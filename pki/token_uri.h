#pragma once

#include <string>

#include "pki/cryptoki.h"

/// RFC 7512 URIs of private keys.
namespace siegel::pki {

/// "pkcs11:token=…;id=%…;type=private"
[[nodiscard]] std::string key_uri(const CK_TOKEN_INFO& token, const std::string& id);

/// The id in such a URI, as octets; empty if it has none. Throws Error{ours} if it is no URI of a
/// key.
[[nodiscard]] std::string id_in(const std::string& uri);

/// What a private key in `token` must be like for `uri` to name it; at least its id or its label is
/// among it. Throws Error{ours} if it is no such URI, names another token, or brings a PIN.
[[nodiscard]] cryptoki::Attributes key_named(const std::string& uri, const CK_TOKEN_INFO& token);

}  // namespace siegel::pki
