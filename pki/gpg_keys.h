#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pki/gpg_context.h"
#include "pki/openpgp_key.h"

/// Keys as gpg describes them. For the files of Gpg only.
namespace siegel::pki::gpg {

/// The only key in binary octets as gpg reads it, without importing it: what its owner has not
/// signed is not in it. Nothing if gpg sees no key, or several. Throws Error{world} if gpg
/// itself fails.
[[nodiscard]] std::optional<OpenPgpKey> describe(gpgme_ctx_t context, std::string_view octets);

/// The only address in a user id (RFC 4880 §5.11): "Bauamt <bauamt@stadt.example>", or the bare
/// address. Nothing if there is anything else that might be taken for one.
[[nodiscard]] std::optional<Address> address_in(std::string_view user_id);

/// The names of algorithms as STANDARDS §4.3.1 judges them.
[[nodiscard]] Strength judge(gpgme_subkey_t subkey);
[[nodiscard]] bool is_allowed(gpgme_hash_algo_t digest);

}  // namespace siegel::pki::gpg
