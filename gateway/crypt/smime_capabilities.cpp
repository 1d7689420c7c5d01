#include "gateway/crypt/smime_capabilities.h"

#include <array>

#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "gateway/crypt/smime_cms.h"

namespace siegel::crypt::smime {

namespace {

void free_algorithms(X509_ALGORS* algorithms) {
  sk_X509_ALGOR_pop_free(algorithms, X509_ALGOR_free);
}
using AlgorithmsHandle = Handle<X509_ALGORS, free_algorithms>;
using OaepHandle = Handle<RSA_OAEP_PARAMS, RSA_OAEP_PARAMS_free>;

// OpenSSL's own default list would offer RC2-40 and DES (STANDARDS §0.5).
constexpr std::array offered{NID_aes_256_gcm, NID_aes_128_gcm, NID_aes_256_cbc, NID_aes_128_cbc};

AlgorithmsHandle offered_algorithms() {
  STACK_OF(X509_ALGOR)* made = nullptr;
  for (const int nid : offered) {
    constexpr int no_key_size = 0;
    if (CMS_add_simple_smimecap(&made, nid, no_key_size) == 1) continue;
    free_algorithms(made);
    throw pki::openssl_error(Fault::ours, "CMS_add_simple_smimecap");
  }
  return AlgorithmsHandle(made);
}

// RFC 3560 §4: each hash that the owner can use with OAEP is a capability of its own; we send
// SHA-256 only, and the default of the parameters is SHA-1.
bool is_oaep_with_sha256(const X509_ALGOR* algorithm) {
  if (nid_of(algorithm) != NID_rsaesOaep) return false;
  const void* value = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return false;
  const OaepHandle parameters(static_cast<RSA_OAEP_PARAMS*>(
      ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_OAEP_PARAMS))));
  return parameters && parameters->hashFunc != nullptr &&
         nid_of(parameters->hashFunc) == NID_sha256;
}

}  // namespace

void add_capabilities(CMS_SignerInfo* signer) {
  const AlgorithmsHandle algorithms = offered_algorithms();
  pki::checked(CMS_add_smimecap(signer, algorithms.get()), "CMS_add_smimecap");
}

std::optional<pki::Capabilities> parse_capabilities(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const AlgorithmsHandle algorithms(d2i_X509_ALGORS(nullptr, &at, static_cast<long>(der.size())));
  if (!algorithms) return std::nullopt;
  pki::Capabilities found;
  for (int i = 0; i < sk_X509_ALGOR_num(algorithms.get()); ++i) {
    const X509_ALGOR* algorithm = sk_X509_ALGOR_value(algorithms.get(), i);
    found.aes_gcm = found.aes_gcm || nid_of(algorithm) == NID_aes_256_gcm;
    found.rsa_oaep = found.rsa_oaep || is_oaep_with_sha256(algorithm);
  }
  return found;
}

}  // namespace siegel::crypt::smime
