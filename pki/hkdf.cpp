#include "pki/hkdf.h"

#include <array>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "pki/openssl.h"

namespace siegel::pki {
namespace {

using Kdf = Handle<EVP_KDF, EVP_KDF_free>;
using KdfContext = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;

constexpr std::size_t made_octets = 32;

OSSL_PARAM octets(const char* name, std::string_view value) {
  // OpenSSL takes what it only reads as if it wrote it.
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

}  // namespace

Secret hkdf(std::string_view key, std::string_view salt, std::string_view info) {
  const Kdf kdf(checked(EVP_KDF_fetch(nullptr, "HKDF", nullptr), "EVP_KDF_fetch"));
  const KdfContext context(checked(EVP_KDF_CTX_new(kdf.get()), "EVP_KDF_CTX_new"));
  std::string digest = "SHA256", made(made_octets, '\0');
  std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
                        octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_INFO, info),
                        octets(OSSL_KDF_PARAM_SALT, salt), OSSL_PARAM_construct_end()};
  if (salt.empty()) parameters[3] = OSSL_PARAM_construct_end();
  checked(EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(made.data()), made.size(),
                         parameters.data()),
          "EVP_KDF_derive");
  return Secret(std::move(made));
}

}  // namespace siegel::pki
