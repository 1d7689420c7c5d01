#pragma once

#include <optional>
#include <string>

#include "pki/openpgp_store.h"
#include "pki/store.h"

namespace siegel::tools {

/// Throws WrongUsage with what to write where OpenPGP is not set up.
[[nodiscard]] pki::OpenPgpStore& openpgp_of(pki::KeyStore& store);

/// The fingerprint of the only OpenPGP key of ours that this names: a fingerprint, at least 8
/// digits of its beginning, or the key id of 16 digits; with blanks or 0x as gpg prints it. Nothing
/// if there is none; throws Error{peer} if it may be several.
[[nodiscard]] std::optional<std::string> find_openpgp_key(const pki::OpenPgpStore& store,
                                                          const std::string& given);

/// True of octets that begin as an OpenPGP key does, armoured or binary (RFC 4880 §4.2, §6.2).
[[nodiscard]] bool looks_like_openpgp(std::string_view octets);

/// The only public key in the octets of `file`. Throws Error{peer} with what is wrong with it.
[[nodiscard]] pki::OpenPgpKey read_openpgp_argument(const pki::OpenPgpStore& store,
                                                    std::string_view octets);

}  // namespace siegel::tools
