#pragma once

#include <optional>
#include <string_view>

#include <openssl/cms.h>

#include "pki/keys.h"

/// SMIMECapabilities (RFC 8551 §2.5.2): what a client can decrypt, strongest first.
namespace siegel::crypt::smime {

/// Says what we decrypt: exactly our send table, strongest first (R-S2).
void add_capabilities(CMS_SignerInfo* signer);

/// What the DER of an SMIMECapabilities value is worth to us: only algorithms that we would send.
/// Nothing if it is not such a value.
[[nodiscard]] std::optional<pki::Capabilities> parse_capabilities(std::string_view der);

}  // namespace siegel::crypt::smime
