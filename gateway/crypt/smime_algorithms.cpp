#include "gateway/crypt/smime_algorithms.h"

#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "gateway/crypt/smime_cms.h"
#include "pki/algorithms.h"

namespace siegel::crypt::smime {

namespace {

using policy::Status;
using PssHandle = Handle<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free>;
using AlgorithmHandle = Handle<X509_ALGOR, X509_ALGOR_free>;

const X509_ALGOR* signature_algorithm(CMS_SignerInfo* signer) {
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, nullptr, &algorithm);
  return algorithm;
}

// The algorithm's parameters, if they are a SEQUENCE.
const ASN1_STRING* sequence_parameter(const X509_ALGOR* algorithm) {
  const void* value = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  return type == V_ASN1_SEQUENCE ? static_cast<const ASN1_STRING*>(value) : nullptr;
}

AlgorithmHandle algorithm_in(const X509_ALGOR* algorithm) {
  const ASN1_STRING* der = sequence_parameter(algorithm);
  if (der == nullptr) return nullptr;
  return AlgorithmHandle(
      static_cast<X509_ALGOR*>(ASN1_item_unpack(der, ASN1_ITEM_rptr(X509_ALGOR))));
}

// RFC 4055 §3.1: what is left out is SHA-1, MGF1 with SHA-1, 20 octets of salt, trailer 1.
bool has_sane_pss(const X509_ALGOR* algorithm, int digest) {
  const ASN1_STRING* der = sequence_parameter(algorithm);
  if (der == nullptr) return false;
  const PssHandle pss(
      static_cast<RSA_PSS_PARAMS*>(ASN1_item_unpack(der, ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
  if (!pss || pss->trailerField != nullptr) return false;  // DER leaves the only allowed value out
  const int hash = pss->hashAlgorithm != nullptr ? nid_of(pss->hashAlgorithm) : NID_sha1;
  int mask_hash = NID_sha1;
  if (pss->maskGenAlgorithm != nullptr) {
    const AlgorithmHandle mask = algorithm_in(pss->maskGenAlgorithm);
    mask_hash = mask && nid_of(pss->maskGenAlgorithm) == NID_mgf1 ? nid_of(mask.get()) : NID_undef;
  }
  constexpr long least_salt = 20, most_salt = 512;
  const long salt = pss->saltLength != nullptr ? ASN1_INTEGER_get(pss->saltLength) : least_salt;
  return hash == digest && mask_hash == digest && salt >= least_salt && salt <= most_salt;
}

// What a signature algorithm says of itself.
struct Claim {
  int key_nid = NID_undef;     // NID_undef: we do not know the algorithm
  int digest_nid = NID_undef;  // NID_undef: it says nothing about the digest
};

Claim claim_of(const X509_ALGOR* algorithm) {
  const int nid = nid_of(algorithm);
  // The bare key types leave the digest to the other field (RFC 3370 §3.2; seen for EC in the
  // wild).
  if (nid == NID_rsaEncryption || nid == NID_X9_62_id_ecPublicKey) return {nid, NID_undef};
  if (nid == NID_rsassaPss) return {NID_rsassaPss, NID_undef};
  if (nid == NID_ecdsa_with_Specified) {  // ANSI X9.62: the digest is the parameter
    const AlgorithmHandle digest = algorithm_in(algorithm);
    return {digest ? NID_X9_62_id_ecPublicKey : NID_undef, digest ? nid_of(digest.get()) : 0};
  }
  Claim claim;
  if (OBJ_find_sigid_algs(nid, &claim.digest_nid, &claim.key_nid) != 1) return {};
  return claim;
}

}  // namespace

int digest_nid(CMS_SignerInfo* signer) {
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &algorithm, nullptr);
  return nid_of(algorithm);
}

std::optional<Finding> check_algorithms(CMS_SignerInfo* signer) {
  const int digest = digest_nid(signer);
  const Claim claim = claim_of(signature_algorithm(signer));
  // EdDSA in CMS (RFC 8419) is beyond OpenSSL 3.0: unsupported, which is not the same as wrong.
  if (claim.key_nid == NID_undef || claim.key_nid == NID_ED25519 || claim.key_nid == NID_ED448)
    return Finding{Status::unsupported, "the kind of signature is not supported"};
  if (EVP_get_digestbynid(digest) == nullptr)
    return Finding{Status::unsupported, "the digest algorithm of the signature is not supported"};
  if (claim.digest_nid != NID_undef && claim.digest_nid != digest)
    return Finding{Status::bad, "the signature names two different digest algorithms"};
  if (claim.key_nid == NID_rsassaPss && !has_sane_pss(signature_algorithm(signer), digest))
    return Finding{Status::bad, "the parameters of the PSS signature do not fit together"};
  return std::nullopt;
}

bool fits_key(CMS_SignerInfo* signer, const EVP_PKEY* key) {
  const int wanted = claim_of(signature_algorithm(signer)).key_nid;
  const int type = EVP_PKEY_get_base_id(key);
  return type == wanted || (wanted == NID_rsassaPss && type == EVP_PKEY_RSA);
}

std::string describe_algorithms(CMS_SignerInfo* signer, const EVP_PKEY* key) {
  const bool pss = nid_of(signature_algorithm(signer)) == NID_rsassaPss;
  return pki::judge_key(key).name + (pss ? " PSS with " : " with ") +
         pki::judge_digest(digest_nid(signer)).name;
}

}  // namespace siegel::crypt::smime
