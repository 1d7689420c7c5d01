#include "pki/gpg_signatures.h"

#include <algorithm>

#include "pki/gpg_keys.h"

namespace siegel::pki::gpg {
namespace {

using Outcome = OpenPgpSignature::Outcome;

const OpenPgpSubkey* find(std::span<const OpenPgpKey> candidates, std::string_view id) {
  for (const OpenPgpKey& key : candidates) {
    for (const OpenPgpSubkey& each : key.subkeys) {
      if (each.fingerprint == id || each.key_id() == id) return &each;
    }
  }
  return nullptr;
}

Outcome outcome_of(gpgme_error_t status) {
  switch (code(status)) {
    case GPG_ERR_NO_ERROR:
      return Outcome::good;
    case GPG_ERR_BAD_SIGNATURE:
      return Outcome::bad;
    case GPG_ERR_NO_PUBKEY:
      return Outcome::no_key;
    case GPG_ERR_KEY_EXPIRED:
      return Outcome::expired_key;
    case GPG_ERR_CERT_REVOKED:
      return Outcome::revoked_key;
    case GPG_ERR_SIG_EXPIRED:
      return Outcome::expired;
    case GPG_ERR_DIGEST_ALGO:
    case GPG_ERR_UNSUPPORTED_ALGORITHM:
    case GPG_ERR_PUBKEY_ALGO:
    case GPG_ERR_WEAK_KEY:
      return Outcome::refused;
    case GPG_ERR_WRONG_KEY_USAGE:
    case GPG_ERR_UNUSABLE_PUBKEY:
      return Outcome::unfit;
    default:
      return Outcome::unreadable;
  }
}

/// STANDARDS §4.3.1: what gpg lets pass and we do not.
Outcome judged(const gpgme_signature_t signature, const OpenPgpSubkey* key) {
  const Outcome outcome = outcome_of(signature->status);
  if (key == nullptr && outcome != Outcome::refused && outcome != Outcome::unreadable)
    return Outcome::no_key;
  if (outcome == Outcome::bad || outcome == Outcome::no_key || key == nullptr) return outcome;
  if (signature->wrong_key_usage != 0) return Outcome::unfit;
  if (key->strength == Strength::refused || !is_allowed(signature->hash_algo))
    return Outcome::refused;
  return outcome;
}

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

std::vector<OpenPgpSignature> signatures(gpgme_ctx_t context,
                                         std::span<const OpenPgpKey> candidates) {
  std::vector<OpenPgpSignature> found;
  const gpgme_verify_result_t result = gpgme_op_verify_result(context);
  if (result == nullptr) return found;
  for (auto* each = result->signatures; each != nullptr; each = each->next) {
    OpenPgpSignature signature;
    signature.fingerprint = text_of(each->fpr);
    signature.outcome = judged(each, find(candidates, signature.fingerprint));
    signature.digest = text_of(gpgme_hash_algo_name(each->hash_algo));
    signature.algorithm = text_of(gpgme_pubkey_algo_name(each->pubkey_algo));
    if (each->timestamp > 0) signature.made = from_unix(static_cast<std::int64_t>(each->timestamp));
    found.push_back(std::move(signature));
  }
  return found;
}

}  // namespace siegel::pki::gpg
