#include "pki/recipient_id.h"

#include <openssl/x509v3.h>

#include "base/hex.h"
#include "pki/asn1.h"

namespace siegel::pki {

RecipientId issuer_and_serial(const X509_NAME* issuer, const ASN1_INTEGER* serial) {
  return {to_der(issuer, i2d_X509_NAME), serial_text(serial), {}};
}

RecipientId issuer_and_serial(const Certificate& certificate) {
  const X509* x509 = certificate.x509();
  return {to_der(X509_get_issuer_name(x509), i2d_X509_NAME), certificate.serial(), {}};
}

RecipientId subject_key_id(const ASN1_OCTET_STRING* id) {
  if (id == nullptr) return {};
  return {{}, {}, hex(octets_of(id))};
}

RecipientId subject_key_id(const Certificate& certificate) {
  return subject_key_id(X509_get0_subject_key_id(certificate.x509()));
}

bool names(const RecipientId& id, const Certificate& certificate) {
  if (id.subject_key_id.empty()) return id == issuer_and_serial(certificate);
  return id == subject_key_id(certificate);
}

}  // namespace siegel::pki
