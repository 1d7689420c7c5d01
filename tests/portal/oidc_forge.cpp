#include "tests/portal/oidc_forge.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "gateway/portal/oidc_base64url.h"

namespace siegel::tests {
namespace {

using nlohmann::json;
using pki::checked;
using portal::to_base64url;
using Number = Handle<BIGNUM, BN_free>;
using Digesting = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = Handle<ECDSA_SIG, ECDSA_SIG_free>;

const unsigned char* bytes(const std::string& octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}
unsigned char* bytes(std::string& octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}

std::string octets_of(const BIGNUM* number, std::size_t size) {
  std::string octets(size, '\0');
  checked(BN_bn2binpad(number, bytes(octets), static_cast<int>(size)), "BN_bn2binpad");
  return octets;
}

std::size_t coordinate_octets(const std::string& curve) {
  if (curve == "P-256") return 32;
  return curve == "P-384" ? 48 : 66;
}

}  // namespace

SigningKey SigningKey::rsa(unsigned int bits) {
  return SigningKey(pki::KeyHandle(checked(EVP_RSA_gen(bits), "EVP_RSA_gen")));
}

SigningKey SigningKey::ec(const std::string& curve) {
  return SigningKey(pki::KeyHandle(checked(EVP_EC_gen(curve.c_str()), "EVP_EC_gen")), curve);
}

std::string SigningKey::number(const char* name, std::size_t octets) const {
  BIGNUM* value = nullptr;
  checked(EVP_PKEY_get_bn_param(key_.get(), name, &value), "EVP_PKEY_get_bn_param");
  const Number owner(value);
  return octets_of(value, octets == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : octets);
}

json SigningKey::jwk(const std::string& id) const {
  if (curve_.empty())
    return {{"kty", "RSA"},
            {"kid", id},
            {"use", "sig"},
            {"n", to_base64url(number(OSSL_PKEY_PARAM_RSA_N, 0))},
            {"e", to_base64url(number(OSSL_PKEY_PARAM_RSA_E, 0))}};
  const std::size_t size = coordinate_octets(curve_);
  return {{"kty", "EC"},
          {"kid", id},
          {"crv", curve_},
          {"x", to_base64url(number(OSSL_PKEY_PARAM_EC_PUB_X, size))},
          {"y", to_base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y, size))}};
}

std::string SigningKey::public_pem() const {
  const pki::BioHandle out = pki::growing_bio();
  checked(PEM_write_bio_PUBKEY(out.get(), key_.get()), "PEM_write_bio_PUBKEY");
  return pki::octets_of(out);
}

std::string SigningKey::signature(const std::string& algorithm, const std::string& text) const {
  const Digesting digesting(checked(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
  const std::string digest = "SHA" + algorithm.substr(2);
  EVP_PKEY_CTX* context = nullptr;
  checked(EVP_DigestSignInit_ex(digesting.get(), &context, digest.c_str(), nullptr, nullptr,
                                key_.get(), nullptr),
          "EVP_DigestSignInit_ex");
  if (algorithm.starts_with("PS")) {
    checked(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING), "padding");
    checked(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), "salt");
  }
  std::size_t size = 0;
  checked(EVP_DigestSign(digesting.get(), nullptr, &size, bytes(text), text.size()), "sign");
  std::string made(size, '\0');
  checked(EVP_DigestSign(digesting.get(), bytes(made), &size, bytes(text), text.size()), "sign");
  made.resize(size);
  if (curve_.empty()) return made;
  const unsigned char* der = bytes(made);
  const EcdsaSignature pair(
      checked(d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(made.size())), "d2i_ECDSA_SIG"));
  const std::size_t half = coordinate_octets(curve_);
  return octets_of(ECDSA_SIG_get0_r(pair.get()), half) +
         octets_of(ECDSA_SIG_get0_s(pair.get()), half);
}

std::string SigningKey::sign(const json& header, const json& claims) const {
  const std::string text = signing_input(header, claims);
  return text + '.' + to_base64url(signature(header.at("alg"), text));
}

std::string signing_input(const json& header, const json& claims) {
  return to_base64url(header.dump()) + '.' + to_base64url(claims.dump());
}

std::string sign_by_hmac(const json& header, const json& claims, const std::string& secret) {
  const std::string text = signing_input(header, claims);
  std::string made(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes(text), text.size(),
       bytes(made), &size);
  made.resize(size);
  return text + '.' + to_base64url(made);
}

}  // namespace siegel::tests
