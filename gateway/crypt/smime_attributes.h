#pragma once

#include <optional>
#include <string>
#include <vector>

#include <openssl/cms.h>

#include "base/time.h"
#include "gateway/crypt/smime_signing_certificate.h"
#include "pki/keys.h"

/// The signed attributes of a SignerInfo (RFC 5652 §5.3, RFC 8551 §2.5), going out and coming in.
namespace siegel::crypt::smime {

/// Everything that is signed along but content-type and message-digest, which OpenSSL adds with the
/// digest, and signing-certificate-v2, which it adds for CMS_CADES.
void add_signed_attributes(CMS_SignerInfo* signer, const pki::SigningKey& key, Time now);

/// What a SignerInfo's signed attributes say. Nothing of it may be believed before its signature
/// holds.
struct SignedAttributes {
  std::string defect;  ///< why they cannot be believed at all (R-22, R-27); empty if they can
  std::string message_digest;
  std::optional<Time> signing_time;
  /// Of signing-certificate and signing-certificate-v2, where they are there; all must fit.
  std::vector<CertificateName> signing_certificates;
  std::optional<pki::Capabilities> capabilities;
  std::optional<pki::RecipientId> preferred;  ///< encryption key preference
};

/// Unsigned attributes are never looked at.
[[nodiscard]] SignedAttributes read_signed_attributes(const CMS_SignerInfo* signer);

}  // namespace siegel::crypt::smime
