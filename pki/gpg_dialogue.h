#pragma once

#include <string>

#include "pki/gpg_context.h"

/// What gpg does only when it is answered question by question. For the files of Gpg only.
namespace siegel::pki::gpg {

/// Revokes a key whose secret part is there, for no other reason than the words of `reason`.
void revoke(gpgme_ctx_t context, gpgme_key_t key, const std::string& reason);

}  // namespace siegel::pki::gpg
