#include <algorithm>
#include <map>

#include <openssl/rsa.h>

#include "gateway/crypt/smime.h"
#include "gateway/crypt/smime_cms.h"
#include "pki/algorithms.h"

namespace siegel::crypt::smime {

namespace {

// Whose key opens it, and how it may be used.
struct Target {
  pki::Certificate certificate;
  pki::Capabilities capabilities;
};

// By fingerprint, so that one key stands in the message once, and in an order that says nothing
// about the order of the recipients.
using Targets = std::map<std::string, Target>;

// Two recipients may share a certificate; then the more modest capabilities count.
void add_target(Targets& targets, const Target& target) {
  const auto [at, is_new] = targets.emplace(target.certificate.fingerprint(), target);
  if (is_new) return;
  pki::Capabilities& known = at->second.capabilities;
  known.aes_gcm = known.aes_gcm && target.capabilities.aes_gcm;
  known.rsa_oaep = known.rsa_oaep && target.capabilities.rsa_oaep;
}

Targets targets_of(const std::vector<pki::PeerKey>& recipients,
                   const std::optional<pki::Certificate>& own_copy) {
  Targets targets;
  for (const pki::PeerKey& peer : recipients)
    add_target(targets, {peer.certificate, peer.capabilities});
  // What our own mailboxes can read stands in the capabilities that we send with each signature.
  if (own_copy) add_target(targets, {*own_copy, {.aes_gcm = true, .rsa_oaep = false}});
  return targets;
}

// OpenSSL's purpose check refuses EC certificates that RFC 8813 §3 demands (STANDARDS §0.7): ours
// instead.
void check(const Target& target) {
  const pki::Certificate& certificate = target.certificate;
  const auto key = pki::judge_key(certificate.public_key());
  if (certificate.may_encrypt() && key.strength < pki::Strength::refused) return;
  throw Error(Fault::ours, "The message could not be encrypted. Please tell your postmaster.",
              "certificate not fit for encryption (" + key.name + "): " + certificate.subject() +
                  ", serial " + certificate.serial());
}

bool all_read_gcm(const Targets& targets) {
  return std::all_of(targets.begin(), targets.end(),
                     [](const auto& target) { return target.second.capabilities.aes_gcm; });
}

CmsHandle envelope(bool authenticated) {
  CmsHandle cms(pki::checked(authenticated ? CMS_AuthEnvelopedData_create(EVP_aes_256_gcm())
                                           : CMS_EnvelopedData_create(EVP_aes_256_cbc()),
                             "CMS_EnvelopedData_create"));
  // Without this AuthEnvelopedData leaves without its content (STANDARDS §1.1).
  pki::checked(CMS_set_detached(cms.get(), 0), "CMS_set_detached");
  return cms;
}

void use_oaep(EVP_PKEY_CTX* context) {
  // RFC 8551 §2.3, RFC 3560: SHA-256 for both hashes.
  pki::checked(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), "OAEP padding");
  pki::checked(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()), "OAEP hash");
  pki::checked(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()), "OAEP mask hash");
}

void add_recipient(CMS_ContentInfo* cms, const Target& target) {
  CMS_RecipientInfo* const info =
      pki::checked(CMS_add1_recipient_cert(cms, target.certificate.x509(), CMS_KEY_PARAM),
                   "CMS_add1_recipient_cert");
  EVP_PKEY_CTX* const context =
      pki::checked(CMS_RecipientInfo_get0_pkey_ctx(info), "CMS_RecipientInfo_get0_pkey_ctx");
  // RFC 5753 §7.1.4: OpenSSL's default is the key derivation with SHA-1 (STANDARDS §0.6).
  if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE)
    pki::checked(EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()), "ECDH KDF");
  else if (target.capabilities.rsa_oaep)
    use_oaep(context);
}

}  // namespace

Enveloped encrypt(const Octets& entity, const std::vector<pki::PeerKey>& recipients,
                  const std::optional<pki::Certificate>& own_copy) {
  const QuietErrors quiet;
  if (recipients.empty())
    throw Error(Fault::ours, "The message could not be encrypted. Please tell your postmaster.",
                "asked to encrypt to nobody");
  const Targets targets = targets_of(recipients, own_copy);
  const bool authenticated = all_read_gcm(targets);
  const CmsHandle cms = envelope(authenticated);
  for (const auto& [fingerprint, target] : targets) {
    check(target);
    add_recipient(cms.get(), target);
  }
  fill(cms.get(), entity);
  return {der_of(cms.get()), authenticated};
}

}  // namespace siegel::crypt::smime
