#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pki/certificate.h"
#include "pki/private_key.h"

namespace siegel::pki {

/// What a file from a CA or an admin held.
struct Bundle {
  std::vector<Certificate> certificates;
  std::vector<PrivateKey> keys;
};

/// Takes whatever a CA delivers: PKCS#12 (also the old RC2-40 and 3DES kinds, which OpenSSL 3 opens
/// only with its legacy provider; it is loaded into a library context of its own, never into the
/// one that reads mail), PEM with any mixture of certificates and keys (encrypted PKCS#8 too), P7B
/// (DER or PEM), a single certificate or key in DER. At most 16 MiB and 1,000 objects. Throws
/// Error{peer} saying what to do if it is none of these, the password is wrong, or one of its PEM
/// blocks cannot be read.
[[nodiscard]] Bundle read_bundle(std::string_view octets, const std::string& password);

/// True if `octets` cannot be opened without a password (so that a CLI asks only when it must).
[[nodiscard]] bool needs_password(std::string_view octets);

}  // namespace siegel::pki
