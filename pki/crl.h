#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/x509.h>

#include "base/guarded.h"
#include "base/time.h"
#include "pki/certificate.h"

namespace siegel::pki {

/// A certificate revocation list (RFC 5280 §5): immutable, cheap to copy.
class Crl {
 public:
  /// One list in PEM (text around it is passed over) or DER, at most 50 MiB; nothing if it is no
  /// CRL or more than one.
  static std::optional<Crl> parse(std::string_view octets);

  [[nodiscard]] const std::string& issuer() const noexcept { return issuer_; }
  /// CRLNumber as hexadecimal without leading zeros; empty if there is none.
  [[nodiscard]] const std::string& number() const noexcept { return number_; }
  [[nodiscard]] Time this_update() const noexcept { return this_update_; }
  [[nodiscard]] std::optional<Time> next_update() const noexcept { return next_update_; }
  [[nodiscard]] bool is_delta() const noexcept { return is_delta_; }
  /// The octets of issuingDistributionPoint: which part of its issuer's certificates it is for (RFC
  /// 5280 §5.2.5). Empty if it is for all.
  [[nodiscard]] std::string_view part() const;
  /// True if it holds a critical extension that we cannot process, so that it says nothing about
  /// any certificate (RFC 5280 §5.2, §5.3).
  [[nodiscard]] bool is_enigmatic() const noexcept { return is_enigmatic_; }
  /// True if the algorithm of its signature is refused, so that anybody could have made it.
  [[nodiscard]] bool is_forgeable() const noexcept { return is_forgeable_; }
  /// By CRLNumber; by thisUpdate where one has none or they are equal. REQUIRES: the same issuer.
  [[nodiscard]] bool is_later_than(const Crl& other) const;
  /// True if this one may replace `older` of the same issuer and scope (R-66: a rollback is
  /// refused). Lists of different keys of one issuer are not told apart here.
  [[nodiscard]] bool supersedes(const Crl& older) const;
  /// True if `issuer` has its name and its key made the signature. What was found out once is
  /// remembered by all copies: a large list is not hashed for every message.
  [[nodiscard]] bool is_signed_by(const Certificate& issuer) const;
  [[nodiscard]] std::string der() const;
  [[nodiscard]] X509_CRL* x509_crl() const noexcept { return crl_.get(); }

 private:
  using Signers = Guarded<std::map<std::string, bool>>;  // by the key's id: did it sign?

  explicit Crl(std::shared_ptr<X509_CRL> crl);

  std::shared_ptr<X509_CRL> crl_;
  std::shared_ptr<Signers> signers_ = std::make_shared<Signers>();
  std::string issuer_, number_;
  Time this_update_;
  std::optional<Time> next_update_;
  bool is_delta_ = false;
  bool is_enigmatic_ = false;
  bool is_forgeable_ = true;
};

/// All lists of a file: one in DER, or PEM with any number of them and text between. Throws
/// Error{peer} that names the block if one of them cannot be read: a list that is passed over would
/// take what it revokes with it.
[[nodiscard]] std::vector<Crl> read_crls(std::string_view octets);

}  // namespace siegel::pki
