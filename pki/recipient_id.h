#pragma once

#include <string>

#include <openssl/x509.h>

#include "pki/certificate.h"

namespace siegel::pki {

/// The two ways in which CMS names a certificate: issuer and serial number, or subject key
/// identifier (RFC 5652 §5.3 SignerIdentifier, §6.2.1 RecipientIdentifier).
struct RecipientId {
  std::string issuer_der;
  std::string serial;          ///< as Certificate::serial()
  std::string subject_key_id;  ///< lower-case hexadecimal; then the two above are empty

  bool operator==(const RecipientId&) const = default;
};

[[nodiscard]] RecipientId issuer_and_serial(const X509_NAME* issuer, const ASN1_INTEGER* serial);
[[nodiscard]] RecipientId issuer_and_serial(const Certificate& certificate);

/// Both members empty if the identifier, or the certificate's extension, is not there.
[[nodiscard]] RecipientId subject_key_id(const ASN1_OCTET_STRING* id);
[[nodiscard]] RecipientId subject_key_id(const Certificate& certificate);

/// True if `id` names this certificate.
[[nodiscard]] bool names(const RecipientId& id, const Certificate& certificate);

}  // namespace siegel::pki
