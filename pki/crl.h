#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/x509.h>

#include "base/time.h"

namespace siegel::pki {

/// A certificate revocation list (RFC 5280 §5): immutable, cheap to copy.
class Crl {
 public:
  /// PEM or DER, at most 50 MiB; nothing if it is no CRL.
  static std::optional<Crl> parse(std::string_view octets);

  [[nodiscard]] const std::string& issuer() const noexcept { return issuer_; }
  /// CRLNumber as hexadecimal without leading zeros; empty if there is none.
  [[nodiscard]] const std::string& number() const noexcept { return number_; }
  [[nodiscard]] Time this_update() const noexcept { return this_update_; }
  [[nodiscard]] std::optional<Time> next_update() const noexcept { return next_update_; }
  [[nodiscard]] bool is_delta() const noexcept { return is_delta_; }
  /// True if this one may replace `older` of the same issuer and scope: by CRLNumber, then
  /// thisUpdate (R-66: a rollback is refused).
  [[nodiscard]] bool supersedes(const Crl& older) const;
  [[nodiscard]] std::string der() const;
  [[nodiscard]] X509_CRL* x509_crl() const noexcept { return crl_.get(); }

 private:
  explicit Crl(std::shared_ptr<X509_CRL> crl);

  std::shared_ptr<X509_CRL> crl_;
  std::string issuer_, number_;
  Time this_update_;
  std::optional<Time> next_update_;
  bool is_delta_ = false;
};

}  // namespace siegel::pki
