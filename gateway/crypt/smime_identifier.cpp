#include "gateway/crypt/smime_identifier.h"

#include "base/ascii.h"
#include "base/hex.h"
#include "gateway/crypt/smime_cms.h"

namespace siegel::crypt::smime {

namespace {

// As `openssl x509 -serial` prints it: pairs of upper-case digits, a sign if it is negative.
std::string serial_text(const ASN1_INTEGER* serial) {
  const std::string_view octets = octets_of(serial);
  std::string text = octets.empty() ? "00" : hex(octets);
  for (char& c : text) c = ascii::upper(c);
  return (ASN1_STRING_type(serial) & V_ASN1_NEG) != 0 ? '-' + text : text;
}

}  // namespace

pki::RecipientId identifier(const X509_NAME* issuer, const ASN1_INTEGER* serial) {
  return {pki::to_der(issuer, i2d_X509_NAME), serial_text(serial), {}};
}

pki::RecipientId identifier(const ASN1_OCTET_STRING* subject_key_id) {
  return {{}, {}, hex(octets_of(subject_key_id))};
}

bool names(const pki::RecipientId& id, const pki::Certificate& certificate) {
  X509* const x509 = certificate.x509();
  if (id.subject_key_id.empty()) {
    const auto own = identifier(X509_get_issuer_name(x509), X509_get0_serialNumber(x509));
    return own.issuer_der == id.issuer_der && own.serial == id.serial;
  }
  const ASN1_OCTET_STRING* own = X509_get0_subject_key_id(x509);
  return own != nullptr && hex(octets_of(own)) == id.subject_key_id;
}

}  // namespace siegel::crypt::smime
