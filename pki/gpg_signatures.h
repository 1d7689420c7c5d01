#pragma once

#include <span>
#include <vector>

#include "pki/gpg.h"
#include "pki/gpg_context.h"

/// Signatures as gpg has found them. For the files of Gpg only.
namespace siegel::pki::gpg {

/// What the last operation of this context found out about signatures; only keys in `candidates`
/// count, whatever else may lie on the bench.
[[nodiscard]] std::vector<OpenPgpSignature> signatures(gpgme_ctx_t context,
                                                       std::span<const OpenPgpKey> candidates);

}  // namespace siegel::pki::gpg
