#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pki/certificate.h"
#include "pki/crl.h"
#include "pki/private_key.h"

namespace siegel::pki {

enum class Usage { sign, encrypt, both };

/// What a certificate of the local CA says.
struct Issue {
  std::string common_name;  ///< "GRP: Bauamt"
  /// SAN rfc822Name, written as given (tests want bad ones too); SmtpUTF8Mailbox if not all ASCII.
  std::vector<std::string> addresses;
  Usage usage = Usage::both;
  Time not_before{}, not_after{};
  /// The whole name (parse_subject) in place of the common name under the authority's organisation.
  std::string subject{};
};

/// An entry of a revocation list.
struct Revoked {
  Certificate certificate;
  Time at{};       ///< not set: when the list was made
  int reason = 0;  ///< RFC 5280 §5.3.1; 0 is left out, as it says there
};

/// A small authority for the demo and for tests: a root that signs end-entity certificates and
/// CRLs. Not for the world: it keeps no record by itself.
class LocalCa {
 public:
  /// A new self-signed root `C=DE, O=<organisation>, CN=<common_name>`, valid ten years from `now`.
  static LocalCa make(const std::string& organisation, const std::string& common_name, KeyType type,
                      Time now);
  LocalCa(Certificate certificate, PrivateKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  [[nodiscard]] const Certificate& certificate() const noexcept { return certificate_; }
  [[nodiscard]] const PrivateKey& key() const noexcept { return key_; }

  /// RFC 5280 profile with key usage of RFC 8813 for EC keys, emailProtection, SKI, AKI, random
  /// serial.
  [[nodiscard]] Certificate issue(const Issue& wanted, const PrivateKey& key) const;
  /// The same for the public part of a key that somebody else has.
  [[nodiscard]] Certificate issue(const Issue& wanted, EVP_PKEY* public_key) const;
  /// An authority below this one.
  [[nodiscard]] LocalCa subordinate(const std::string& common_name, KeyType type, Time now) const;
  /// A full CRL. Its number must be higher than that of the one before (RFC 5280 §5.2.3).
  [[nodiscard]] Crl list(const std::vector<Revoked>& revoked, std::uint64_t number,
                         Time this_update, Time next_update) const;
  /// A full CRL that lists `revoked` as of `this_update`, without a reason.
  [[nodiscard]] Crl revoke(const std::vector<Certificate>& revoked, std::uint64_t number,
                           Time this_update, Time next_update) const;

 private:
  Certificate certificate_;
  PrivateKey key_;
};

/// PKCS#12 with AES-256 and HMAC-SHA-256, for hand-over and tests.
[[nodiscard]] std::string make_pkcs12(const PrivateKey& key, const Certificate& certificate,
                                      const std::vector<Certificate>& chain,
                                      const std::string& password);

}  // namespace siegel::pki
