#pragma once

#include <cstddef>
#include <string>

#include <openssl/evp.h>

/// What kind of key one is, in the spelling of name(KeyType); others in a like one.
namespace siegel::pki {

/// "rsa-3072"
[[nodiscard]] std::string rsa_kind(std::size_t bits);
/// Of a curve's NID: "p-256", "brainpoolP256r1"; otherwise OpenSSL's short name.
[[nodiscard]] std::string curve_kind(int nid);
/// Empty if it is neither RSA nor on a named curve.
[[nodiscard]] std::string kind_of(const EVP_PKEY* key);

}  // namespace siegel::pki
