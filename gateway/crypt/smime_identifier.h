#pragma once

#include <openssl/x509.h>

#include "pki/keys.h"

/// The two ways in which CMS names a certificate (RFC 5652 §5.3, §6.2.1): issuer and serial number,
/// or subject key identifier.
namespace siegel::crypt::smime {

[[nodiscard]] pki::RecipientId identifier(const X509_NAME* issuer, const ASN1_INTEGER* serial);
[[nodiscard]] pki::RecipientId identifier(const ASN1_OCTET_STRING* subject_key_id);

/// True if `id` names this certificate.
[[nodiscard]] bool names(const pki::RecipientId& id, const pki::Certificate& certificate);

}  // namespace siegel::crypt::smime
