#include "gateway/portal/oidc_key.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/error.h"
#include "gateway/portal/oidc_base64url.h"
#include "gateway/transfer/running_digest.h"
#include "pki/openssl.h"

namespace siegel::portal {

struct SignatureAlgorithm {
  std::string_view name, key_type, curve;
  const char* digest;
  int padding;         // of RSA
  int half_signature;  // of ECDSA, in octets
};

namespace {

using nlohmann::json;
using Parameters = Handle<OSSL_PARAM, OSSL_PARAM_free>;
using ParameterBuilder = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Number = Handle<BIGNUM, BN_free>;
using Digesting = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = Handle<ECDSA_SIG, ECDSA_SIG_free>;

constexpr int pkcs1 = RSA_PKCS1_PADDING, pss = RSA_PKCS1_PSS_PADDING;
constexpr auto algorithms = std::to_array<SignatureAlgorithm>({
    {"RS256", "RSA", "", "SHA256", pkcs1, 0},
    {"RS384", "RSA", "", "SHA384", pkcs1, 0},
    {"RS512", "RSA", "", "SHA512", pkcs1, 0},
    {"PS256", "RSA", "", "SHA256", pss, 0},
    {"PS384", "RSA", "", "SHA384", pss, 0},
    {"PS512", "RSA", "", "SHA512", pss, 0},
    {"ES256", "EC", "P-256", "SHA256", 0, 32},
    {"ES384", "EC", "P-384", "SHA384", 0, 48},
    {"ES512", "EC", "P-521", "SHA512", 0, 66},
});

constexpr std::size_t most_keys = 100;
constexpr int least_bits = 2048, most_bits = 8192;

const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string octets_of(const json& jwk, const char* name) {
  return from_base64url(text_of(jwk, name)).value_or("");
}

/// Null if OpenSSL does not take it for a key.
std::shared_ptr<EVP_PKEY> make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(
      pki::checked(OSSL_PARAM_BLD_to_param(builder), "OSSL_PARAM_BLD_to_param"));
  const pki::KeyContextHandle context(
      pki::checked(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), "EVP_PKEY_CTX_new"));
  pki::checked(EVP_PKEY_fromdata_init(context.get()), "EVP_PKEY_fromdata_init");
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) <= 0)
    static_cast<void>(pki::drain_openssl_errors());
  return {key, EVP_PKEY_free};
}

Number number_of(std::string_view octets) {
  return Number(pki::checked(BN_bin2bn(bytes(octets), static_cast<int>(octets.size()), nullptr),
                             "BN_bin2bn"));
}

// RFC 7518 §6.3.1
std::shared_ptr<EVP_PKEY> rsa_key(const json& jwk) {
  const std::string modulus = octets_of(jwk, "n"), exponent = octets_of(jwk, "e");
  const Number n = number_of(modulus), e = number_of(exponent);
  // A large exponent makes each check slow, and with an exponent of 1 anything is a signature.
  const bool is_sane = BN_num_bits(n.get()) >= least_bits && BN_num_bits(n.get()) <= most_bits &&
                       BN_num_bits(e.get()) >= 2 && BN_num_bits(e.get()) <= 64 &&
                       BN_is_odd(e.get()) == 1;
  if (!is_sane) return nullptr;
  const ParameterBuilder builder(pki::checked(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new"));
  pki::checked(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()), "push n");
  pki::checked(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()), "push e");
  return make_key("RSA", builder.get());
}

// RFC 7518 §6.2.1; OpenSSL refuses points that are not on the curve.
std::shared_ptr<EVP_PKEY> ec_key(const json& jwk, const std::string& curve) {
  const auto* const known = std::ranges::find(algorithms, curve, &SignatureAlgorithm::curve);
  if (known == algorithms.end() || curve.empty()) return nullptr;
  const std::string x = octets_of(jwk, "x"), y = octets_of(jwk, "y");
  const auto size = static_cast<std::size_t>(known->half_signature);
  if (x.size() != size || y.size() != size) return nullptr;
  const std::string point = '\4' + x + y;
  const ParameterBuilder builder(pki::checked(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new"));
  pki::checked(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                               curve.data(), curve.size()),
               "push curve");
  pki::checked(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                point.data(), point.size()),
               "push point");
  return make_key("EC", builder.get());
}

/// RFC 7517 §4.2, §4.3: whoever says what a key is for, says so.
bool is_for_signatures(const json& jwk) {
  if (jwk.contains("use") && text_of(jwk, "use") != "sig") return false;
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() ||
         (operations->is_array() &&
          std::ranges::find(*operations, json("verify")) != operations->end());
}

/// RFC 7518 §3.4: the two numbers side by side, where OpenSSL wants DER.
std::string der_of(std::string_view signature) {
  const std::string_view r = signature.substr(0, signature.size() / 2);
  EcdsaSignature pair(pki::checked(ECDSA_SIG_new(), "ECDSA_SIG_new"));
  pki::checked(ECDSA_SIG_set0(pair.get(), number_of(r).release(),
                              number_of(signature.substr(r.size())).release()),
               "ECDSA_SIG_set0");
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &out);
  return der;
}

bool verify(EVP_PKEY* key, const SignatureAlgorithm& algorithm, std::string_view text,
            std::string_view signature) {
  const Digesting digesting(pki::checked(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
  EVP_PKEY_CTX* context = nullptr;  // belongs to `digesting`
  pki::checked(EVP_DigestVerifyInit_ex(digesting.get(), &context, algorithm.digest, nullptr,
                                       nullptr, key, nullptr),
               "EVP_DigestVerifyInit_ex");
  if (algorithm.padding != 0)
    pki::checked(EVP_PKEY_CTX_set_rsa_padding(context, algorithm.padding), "set_rsa_padding");
  if (algorithm.padding == pss)  // RFC 7518 §3.5: a salt as long as the digest
    pki::checked(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), "set_saltlen");
  const bool is_good = EVP_DigestVerify(digesting.get(), bytes(signature), signature.size(),
                                        bytes(text), text.size()) == 1;
  // What a bad signature leaves there, TLS would take for an error of its own.
  static_cast<void>(pki::drain_openssl_errors());
  return is_good;
}

}  // namespace

const SignatureAlgorithm* find_algorithm(std::string_view name) {
  const auto* const found = std::ranges::find(algorithms, name, &SignatureAlgorithm::name);
  return found == algorithms.end() ? nullptr : found;
}

IssuerKey::IssuerKey(const json& jwk) {
  if (!jwk.is_object() || !is_for_signatures(jwk)) return;
  id_ = text_of(jwk, "kid");
  type_ = text_of(jwk, "kty");
  only_for_ = text_of(jwk, "alg");
  if (type_ == "RSA") key_ = rsa_key(jwk);
  if (type_ == "EC") curve_ = text_of(jwk, "crv");
  if (type_ == "EC") key_ = ec_key(jwk, curve_);
}

bool IssuerKey::fits(const SignatureAlgorithm& algorithm) const {
  return key_ != nullptr && type_ == algorithm.key_type && curve_ == algorithm.curve &&
         (only_for_.empty() || only_for_ == algorithm.name);
}

bool IssuerKey::has_signed(const SignatureAlgorithm& algorithm, std::string_view text,
                           std::string_view signature) const {
  if (algorithm.half_signature == 0) return verify(key_.get(), algorithm, text, signature);
  if (signature.size() != 2 * static_cast<std::size_t>(algorithm.half_signature)) return false;
  return verify(key_.get(), algorithm, text, der_of(signature));
}

IssuerKeys::IssuerKeys(const json& jwks) {
  const auto keys = jwks.is_object() ? jwks.find("keys") : jwks.end();
  const bool is_set = jwks.is_object() && keys != jwks.end() && keys->is_array();
  if (!is_set || keys->size() > most_keys)
    throw Error(Fault::world, "the sign-in service's keys cannot be used",
                "what its jwks_uri gives is no set of at most 100 keys (RFC 7517)");
  for (const json& jwk : *keys) keys_.emplace_back(jwk);
}

const IssuerKey* IssuerKeys::find(std::string_view id, const SignatureAlgorithm& algorithm) const {
  const IssuerKey* found = nullptr;
  for (const IssuerKey& key : keys_) {
    if (!key.fits(algorithm) || (!id.empty() && key.id() != id)) continue;
    if (found != nullptr) return nullptr;  // who of them it was cannot be told
    found = &key;
  }
  return found;
}

std::string code_challenge(std::string_view verifier) {
  auto digest = transfer::RunningDigest::of("sha256");
  digest->add({verifier.data(), verifier.size()});
  return to_base64url(digest->finish());
}

}  // namespace siegel::portal
