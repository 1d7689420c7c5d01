#include <algorithm>

#include <openssl/rsa.h>

#include "gateway/crypt/smime.h"
#include "gateway/crypt/smime_attributes.h"
#include "gateway/crypt/smime_cms.h"

namespace siegel::crypt::smime {

namespace {

enum class Content { outside, inside };

// STANDARDS §2.1: SHA-256, and no weaker than the curve for longer EC keys.
const EVP_MD* digest_for(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_bits(key) <= 256)
    return EVP_sha256();
  return EVP_PKEY_get_bits(key) <= 384 ? EVP_sha384() : EVP_sha512();
}

// A key of type rsassaPss would otherwise be used as if it were a plain RSA key, and nobody could
// verify it (STANDARDS §1.1).
void force_pss(CMS_SignerInfo* signer) {
  EVP_PKEY_CTX* const context = CMS_SignerInfo_get0_pkey_ctx(signer);
  // The padding first: the salt's length is refused without it.
  pki::checked(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING), "PSS padding");
  pki::checked(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), "PSS salt");
}

void add_signer(CMS_ContentInfo* cms, const pki::SigningKey& key, Time now) {
  const bool pss = EVP_PKEY_get_base_id(key.key.get()) == EVP_PKEY_RSA_PSS;
  const unsigned int flags = CMS_NOSMIMECAP | CMS_CADES | (pss ? CMS_KEY_PARAM : 0U);
  CMS_SignerInfo* const signer = pki::checked(
      CMS_add1_signer(cms, key.certificate.x509(), key.key.get(), digest_for(key.key.get()), flags),
      "CMS_add1_signer");
  if (pss) force_pss(signer);
  add_signed_attributes(signer, key, now);
}

// OpenSSL refuses a certificate that is there already; the signer's is.
void add_certificates(CMS_ContentInfo* cms, const pki::SigningKey& key) {
  std::vector<pki::Certificate> added{key.certificate};
  std::vector<pki::Certificate> wanted = key.chain;
  if (key.encryption) wanted.push_back(*key.encryption);
  for (const pki::Certificate& certificate : wanted) {
    const bool is_root = certificate.is_authority() && certificate.is_self_issued();
    if (is_root || std::find(added.begin(), added.end(), certificate) != added.end()) continue;
    pki::checked(CMS_add1_cert(cms, certificate.x509()), "CMS_add1_cert");
    added.push_back(certificate);
  }
}

std::string sign(const Octets& entity, const pki::SigningKey& key, Time now, Content content) {
  const QuietErrors quiet;
  key.key.demand_ready();
  const CmsHandle cms(pki::checked(CMS_ContentInfo_new(), "CMS_ContentInfo_new"));
  pki::checked(CMS_SignedData_init(cms.get()), "CMS_SignedData_init");
  add_signer(cms.get(), key, now);
  add_certificates(cms.get(), key);
  pki::checked(CMS_set_detached(cms.get(), content == Content::outside ? 1 : 0),
               "CMS_set_detached");
  fill(cms.get(), entity);
  return der_of(cms.get());
}

}  // namespace

std::string sign_detached(const Octets& entity, const pki::SigningKey& key, Time now) {
  return sign(entity, key, now, Content::outside);
}

std::string sign_opaque(const Octets& entity, const pki::SigningKey& key, Time now) {
  return sign(entity, key, now, Content::inside);
}

std::string_view micalg(const pki::SigningKey& key) {
  // RFC 8551 §3.5.3.2
  switch (EVP_MD_get_type(digest_for(key.key.get()))) {
    case NID_sha384:
      return "sha-384";
    case NID_sha512:
      return "sha-512";
    default:
      return "sha-256";
  }
}

}  // namespace siegel::crypt::smime
