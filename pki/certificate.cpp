#include "pki/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pki/asn1.h"
#include "pki/mail_names.h"

namespace siegel::pki {
namespace {

constexpr std::size_t der_limit = std::size_t{64} * 1024;

bool has_usage(X509* x509, std::uint32_t wanted) {
  return (X509_get_key_usage(x509) & wanted) != 0;  // all bits are set if the extension is absent
}

int key_kind(const X509* x509) {
  const EVP_PKEY* key = X509_get0_pubkey(x509);
  return key == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
}

}  // namespace

Certificate::Certificate(std::shared_ptr<X509> x509) : x509_(std::move(x509)) {
  X509* const x = x509_.get();
  // OpenSSL fills its cache of extensions on first use; done here, later reads change nothing.
  X509_check_purpose(x, -1, 0);
  auto facts = std::make_shared<Facts>();
  facts->der = to_der(x, i2d_X509);
  facts->fingerprint = sha256_hex(facts->der);
  facts->key_id = sha256_hex(to_der(X509_get_X509_PUBKEY(x), i2d_X509_PUBKEY));
  facts->subject = printable_name(X509_get_subject_name(x));
  facts->issuer = printable_name(X509_get_issuer_name(x));
  facts->serial = serial_text(X509_get0_serialNumber(x));
  // A time that cannot be read makes it valid at no time.
  facts->not_before = to_time(X509_get0_notBefore(x)).value_or(*parse_rfc3339("9999-12-31"));
  facts->not_after = to_time(X509_get0_notAfter(x)).value_or(from_unix(0));
  MailNames names = mail_names(x);
  facts->addresses = std::move(names.addresses);
  facts->has_unclean_address = names.unclean;
  static_cast<void>(drain_openssl_errors());
  facts_ = std::move(facts);
}

std::optional<Certificate> Certificate::from_der(std::string_view der) {
  if (der.size() > der_limit) return std::nullopt;
  X509* x509 = from_der_exactly<X509>(der, d2i_X509, X509_free);
  if (x509 == nullptr) return std::nullopt;
  return Certificate(std::shared_ptr<X509>(x509, X509_free));
}

std::optional<Certificate> Certificate::from_x509(const X509* x509) {
  return from_der(to_der(x509, i2d_X509));
}

Certificate Certificate::share(X509* x509) {
  checked(X509_up_ref(x509), "X509_up_ref");
  return Certificate(std::shared_ptr<X509>(x509, X509_free));
}

std::string Certificate::pem() const {
  const BioHandle bio = growing_bio();
  checked(PEM_write_bio_X509(bio.get(), x509_.get()), "PEM_write_bio_X509");
  return octets_of(bio);
}

bool Certificate::may_sign(bool any_usage) const noexcept {
  // RFC 8550 §4.4.2: digitalSignature or nonRepudiation
  return is_well_formed() && has_usage(x509_.get(), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) &&
         allows_mail(any_usage);
}

bool Certificate::may_encrypt(bool any_usage) const noexcept {
  const int kind = key_kind(x509_.get());
  std::uint32_t wanted = 0;
  if (kind == EVP_PKEY_RSA) wanted = KU_KEY_ENCIPHERMENT;
  if (kind == EVP_PKEY_EC) wanted = KU_KEY_AGREEMENT;  // RFC 8813 §3
  return is_well_formed() && has_usage(x509_.get(), wanted) && allows_mail(any_usage);
}

bool Certificate::allows_mail(bool any_usage) const noexcept {
  const std::uint32_t extended = X509_get_extended_key_usage(x509_.get());
  if (extended == UINT32_MAX) return true;  // absent
  // RFC 8550 §4.4.4: emailProtection, or anyExtendedKeyUsage where the operator allows it.
  return (extended & XKU_SMIME) != 0 || (any_usage && (extended & XKU_ANYEKU) != 0);
}

bool Certificate::is_well_formed() const noexcept {
  return (X509_get_extension_flags(x509_.get()) & EXFLAG_INVALID) == 0;
}

bool Certificate::is_authority() const noexcept {
  return is_well_formed() && (X509_get_extension_flags(x509_.get()) & EXFLAG_CA) != 0 &&
         has_usage(x509_.get(), KU_KEY_CERT_SIGN);
}

bool Certificate::is_self_issued() const noexcept {
  return (X509_get_extension_flags(x509_.get()) & EXFLAG_SI) != 0;
}

}  // namespace siegel::pki
