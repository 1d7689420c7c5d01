#include "pki/key_kind.h"

#include <array>

#include <openssl/objects.h>

#include "pki/openssl.h"
#include "pki/private_key.h"

namespace siegel::pki {

std::string rsa_kind(std::size_t bits) {
  return "rsa-" + std::to_string(bits);
}

std::string curve_kind(int nid) {
  if (nid == NID_X9_62_prime256v1) return std::string(name(KeyType::p256));
  if (nid == NID_secp384r1) return std::string(name(KeyType::p384));
  const char* const known = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
  return known == nullptr ? std::string() : std::string(known);
}

std::string kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
    return rsa_kind(static_cast<std::size_t>(EVP_PKEY_get_bits(key)));
  std::array<char, 80> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1)
    return curve_kind(OBJ_txt2nid(group.data()));
  static_cast<void>(drain_openssl_errors());
  return {};
}

}  // namespace siegel::pki
