#include "pki/algorithms.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "pki/openssl.h"

namespace siegel::pki {
namespace {

using Number = Handle<BIGNUM, BN_free>;
using AlgorithmHandle = Handle<X509_ALGOR, X509_ALGOR_free>;
using PssParameters = Handle<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free>;

// --- the tables (STANDARDS §2.1)

struct Row {
  int nid;
  std::string_view name;
  Strength strength;
};

constexpr std::array<Row, 10> digests{{
    {NID_sha256, "SHA-256", Strength::ok},
    {NID_sha384, "SHA-384", Strength::ok},
    {NID_sha512, "SHA-512", Strength::ok},
    {NID_sha224, "SHA-224", Strength::weak},
    {NID_sha1, "SHA-1", Strength::refused},
    {NID_md5, "MD5", Strength::refused},
    {NID_md4, "MD4", Strength::refused},
    {NID_md2, "MD2", Strength::refused},
    {NID_ripemd160, "RIPEMD-160", Strength::refused},
    {NID_md5_sha1, "MD5-SHA-1", Strength::refused},
}};

constexpr std::array<Row, 6> curves{{
    {NID_X9_62_prime256v1, "P-256", Strength::ok},
    {NID_secp384r1, "P-384", Strength::ok},
    {NID_secp521r1, "P-521", Strength::ok},
    {NID_brainpoolP256r1, "brainpoolP256r1", Strength::ok},
    {NID_brainpoolP384r1, "brainpoolP384r1", Strength::ok},
    {NID_brainpoolP512r1, "brainpoolP512r1", Strength::ok},
}};

// RFC 8419, RFC 8418: known to the standards, not to CMS of OpenSSL 3.0.
constexpr std::array<Row, 4> not_yet{{
    {NID_ED25519, "Ed25519", Strength::unsupported},
    {NID_ED448, "Ed448", Strength::unsupported},
    {NID_X25519, "X25519", Strength::unsupported},
    {NID_X448, "X448", Strength::unsupported},
}};

constexpr int rsa_bits_least = 2048;
constexpr int rsa_bits_good = 3000;      // BSI TR-02102-1
constexpr int rsa_bits_most = 16384;     // what OpenSSL will compute with
constexpr int exponent_bits_most = 256;  // FIPS 186-4 B.3.1; longer ones only cost time
constexpr int salt_least = 20;

// --- what they mean

std::string name_of(int nid) {
  const char* text = nid == NID_undef ? nullptr : OBJ_nid2ln(nid);
  return text == nullptr ? "an unknown algorithm" : text;
}

template <std::size_t size>
const Row* find(const std::array<Row, size>& table, int nid) {
  const auto* const row = std::ranges::find(table, nid, &Row::nid);
  return row == table.end() ? nullptr : row;
}

Judged judged(const Row* row, int nid) {
  if (row == nullptr) return {name_of(nid), Strength::refused};
  return {std::string(row->name), row->strength};
}

// an exponent of 3, or an even one, is refused.
bool is_exponent_sane(const EVP_PKEY* key) {
  BIGNUM* made = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &made) != 1) return false;
  const Number exponent(made);
  const int bits = BN_num_bits(exponent.get());
  return BN_is_odd(exponent.get()) == 1 && bits >= 17 && bits <= exponent_bits_most;
}

Judged judge_rsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  std::string name = "RSA-" + std::to_string(bits);
  if (!is_exponent_sane(key)) return {name + " with an unsafe exponent", Strength::refused};
  if (bits < rsa_bits_least || bits > rsa_bits_most) return {std::move(name), Strength::refused};
  return {std::move(name), bits < rsa_bits_good ? Strength::weak : Strength::ok};
}

Judged judge_curve(const EVP_PKEY* key) {
  int spelled_out = 0;
  // RFC 5480 §2.1.1: a named curve, never its parameters spelled out (CVE-2020-0601).
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &spelled_out) !=
          1 ||
      spelled_out != 0)
    return {"an EC key without a named curve", Strength::refused};
  std::array<char, 80> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1)
    return {"an EC key of an unknown curve", Strength::refused};
  const int nid = OBJ_txt2nid(group.data());
  return judged(find(curves, nid), nid);
}

// The digest within MGF1, or NID_undef: RFC 4055 §3.1 allows no other mask generation.
int mask_digest(const RSA_PSS_PARAMS& parameters) {
  const X509_ALGOR* mask = parameters.maskGenAlgorithm;
  if (mask == nullptr || OBJ_obj2nid(mask->algorithm) != NID_mgf1) return NID_undef;
  const AlgorithmHandle digest(static_cast<X509_ALGOR*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(X509_ALGOR), mask->parameter)));
  return digest ? OBJ_obj2nid(digest->algorithm) : NID_undef;
}

Judged judge_pss(const X509_ALGOR* algorithm) {
  const std::string name = "RSASSA-PSS with ";
  const PssParameters parameters(static_cast<RSA_PSS_PARAMS*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter)));
  if (!parameters) return {name + "broken parameters", Strength::refused};
  // RFC 4055 §3.1: an absent digest is SHA-1, an absent salt length 20.
  const X509_ALGOR* hash = parameters->hashAlgorithm;
  const int digest = hash == nullptr ? NID_sha1 : OBJ_obj2nid(hash->algorithm);
  const ASN1_INTEGER* length = parameters->saltLength;
  const long salt = length == nullptr ? salt_least : ASN1_INTEGER_get(length);
  Judged result = judge_digest(digest);
  result.name = name + result.name;
  if (mask_digest(*parameters) != digest || salt < salt_least)
    return {result.name + " and unsafe parameters", Strength::refused};
  return result;
}

}  // namespace

Strength worse(Strength a, Strength b) noexcept {
  const auto rank = [](Strength strength) {
    constexpr std::array<Strength, 4> order{Strength::ok, Strength::weak, Strength::unsupported,
                                            Strength::refused};
    return std::ranges::find(order, strength) - order.begin();
  };
  return rank(a) < rank(b) ? b : a;
}

Judged judge_digest(int digest_nid) {
  return judged(find(digests, digest_nid), digest_nid);
}

Judged judge_key(const EVP_PKEY* key) {
  if (key == nullptr) return {"a key of an unknown kind", Strength::refused};
  const int kind = EVP_PKEY_get_base_id(key);
  Judged result = judged(find(not_yet, kind), kind);
  if (kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS) result = judge_rsa(key);
  if (kind == EVP_PKEY_EC) result = judge_curve(key);
  static_cast<void>(drain_openssl_errors());
  return result;
}

Judged judge_signature(const X509_ALGOR* algorithm) {
  const int nid = OBJ_obj2nid(algorithm->algorithm);
  if (nid == NID_rsassaPss) return judge_pss(algorithm);
  int digest = NID_undef;
  int key = NID_undef;
  if (OBJ_find_sigid_algs(nid, &digest, &key) != 1) return {name_of(nid), Strength::refused};
  if (const Row* row = find(not_yet, key)) return judged(row, key);
  Judged result = judge_digest(digest);
  if (key == NID_rsaEncryption) {
    result.name = "RSA with " + result.name;
  } else if (key == NID_X9_62_id_ecPublicKey) {
    result.name = "ECDSA with " + result.name;
  } else {
    return {name_of(nid), Strength::refused};  // DSA and what else the world has seen
  }
  return result;
}

Judged judge_signature(const X509* certificate) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  return judge_signature(algorithm);
}

Judged judge_signature(const X509_CRL* crl) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl, nullptr, &algorithm);
  return judge_signature(algorithm);
}

}  // namespace siegel::pki
