#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "pki/openssl.h"

namespace siegel::pki {

/// An X.509 certificate: an immutable value, cheap to copy, safe to share between threads.
/// All names and texts that come from it are printable and bounded (R-45: ≤ 200 characters).
class Certificate {
 public:
  /// DER of at most 64 KiB with nothing behind it; nothing if it is not a certificate.
  static std::optional<Certificate> from_der(std::string_view der);
  /// As from_der of its encoding, for a certificate out of a foreign container: one that we could
  /// store but not read back is nothing. REQUIRES: not null.
  static std::optional<Certificate> from_x509(const X509* x509);
  /// Shares `x509`, whatever its size. REQUIRES: not null.
  static Certificate share(X509* x509);

  [[nodiscard]] const std::string& der() const noexcept { return facts_->der; }
  [[nodiscard]] std::string pem() const;
  /// SHA-256 of the DER, lower-case hexadecimal: the identity of a certificate everywhere in Siegel
  ///
  [[nodiscard]] const std::string& fingerprint() const noexcept { return facts_->fingerprint; }
  /// SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal: the identity of its key.
  [[nodiscard]] const std::string& key_id() const noexcept { return facts_->key_id; }
  [[nodiscard]] const std::string& subject() const noexcept { return facts_->subject; }
  [[nodiscard]] const std::string& issuer() const noexcept { return facts_->issuer; }
  /// Upper-case hexadecimal, as `openssl x509 -serial` prints it.
  [[nodiscard]] const std::string& serial() const noexcept { return facts_->serial; }
  [[nodiscard]] Time not_before() const noexcept { return facts_->not_before; }
  [[nodiscard]] Time not_after() const noexcept { return facts_->not_after; }

  /// Its mail addresses: SAN rfc822Name and SmtpUTF8Mailbox (RFC 9598), the subject's emailAddress
  /// only if the SAN holds no mail name. A name that is no clean addr-spec is left out and noted
  /// (CVE-2026-2748).
  [[nodiscard]] const std::vector<Address>& addresses() const noexcept { return facts_->addresses; }
  [[nodiscard]] bool has_unclean_address() const noexcept { return facts_->has_unclean_address; }

  /// Key usage for signing mail: digitalSignature or nonRepudiation (or no keyUsage), and extended
  /// usage absent, emailProtection, or (if `any_usage`) anyExtendedKeyUsage (RFC 8550 §4.4.2,
  /// §4.4.4).
  [[nodiscard]] bool may_sign(bool any_usage = true) const noexcept;
  /// keyEncipherment for RSA, keyAgreement for EC (RFC 8813 §3), extended usage as above.
  [[nodiscard]] bool may_encrypt(bool any_usage = true) const noexcept;
  /// Extended key usage absent, emailProtection, or (if `any_usage`) anyExtendedKeyUsage.
  [[nodiscard]] bool allows_mail(bool any_usage = true) const noexcept;
  /// False if an extension that RFC 5280 defines cannot be read or stands there twice.
  [[nodiscard]] bool is_well_formed() const noexcept;
  /// basicConstraints cA and keyCertSign.
  [[nodiscard]] bool is_authority() const noexcept;
  [[nodiscard]] bool is_self_issued() const noexcept;

  /// Shared with this value; const in spirit, OpenSSL's interface takes it non-const.
  [[nodiscard]] X509* x509() const noexcept { return x509_.get(); }
  [[nodiscard]] EVP_PKEY* public_key() const noexcept { return X509_get0_pubkey(x509_.get()); }

  bool operator==(const Certificate& other) const noexcept { return der() == other.der(); }

 private:
  struct Facts {
    std::string der, fingerprint, key_id, subject, issuer, serial;
    Time not_before, not_after;
    std::vector<Address> addresses;
    bool has_unclean_address = false;
  };

  explicit Certificate(std::shared_ptr<X509> x509);

  std::shared_ptr<X509> x509_;
  std::shared_ptr<const Facts> facts_;
};

/// All certificates of a PEM text (other blocks are skipped), at most `limit`.
[[nodiscard]] std::vector<Certificate> certificates_from_pem(std::string_view pem,
                                                             std::size_t limit = 1000);

}  // namespace siegel::pki
