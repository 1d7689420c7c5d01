#pragma once

#include <optional>
#include <string>

#include <openssl/cms.h>

#include "gateway/policy/verdict.h"

/// Our own check of a SignerInfo's algorithms: OpenSSL accepts MD5 and SHA-1, and does not
/// look at how the two algorithm fields fit together (STANDARDS §0.1).
namespace siegel::crypt::smime {

/// Why a signature is not good: the status, and one sentence for a clerk.
struct Finding {
  policy::Status status = policy::Status::malformed;
  std::string reason;
};

/// Nothing if digest and signature algorithm are supported and belong together. How strong they are
/// is another question.
[[nodiscard]] std::optional<Finding> check_algorithms(CMS_SignerInfo* signer);

/// NID of the digest algorithm.
[[nodiscard]] int digest_nid(CMS_SignerInfo* signer);

/// True if `key` is of the type that the signature algorithm is for. REQUIRES: check_algorithms
/// found nothing.
[[nodiscard]] bool fits_key(CMS_SignerInfo* signer, const EVP_PKEY* key);

/// "RSA-3072 with SHA-256", "RSA-3072 PSS with SHA-256".
[[nodiscard]] std::string describe_algorithms(CMS_SignerInfo* signer, const EVP_PKEY* key);

}  // namespace siegel::crypt::smime
