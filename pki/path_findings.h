#pragma once

#include <string>
#include <vector>

#include <openssl/x509_vfy.h>

#include "base/time.h"
#include "pki/trust.h"

namespace siegel::pki {

inline constexpr std::chrono::seconds clock_skew{300};  // STANDARDS §5.4

/// One thing that speaks against a path, as a status and a sentence.
struct Finding {
  PathStatus status = PathStatus::untrusted;
  std::string reason;
  int depth = -1;  ///< of the certificate on the path, the leaf being 0; -1: of the whole path
};

/// Why this certificate must not have signed another one, to follow its name in a sentence.
[[nodiscard]] std::string unfit_to_issue(X509* issuer);

/// Everything that OpenSSL has against one path. Its verification is told to go on after each
/// finding, so that the one that matters most is reported and not the one that came first: an
/// expired certificate without a revocation list is expired.
class PathFindings {
 public:
  /// @param at         the time of validation
  /// @param crl_grace  how long a revocation list past its nextUpdate still counts
  PathFindings(Time at, std::chrono::seconds crl_grace) : at_(at), crl_grace_(crl_grace) {}

  /// Has `context` report to this object, which must outlive the verification.
  void listen(X509_STORE_CTX* context);
  void add(PathStatus status, std::string reason) { all_.push_back({status, std::move(reason)}); }
  /// True if no revocation list could say whether the certificate at `depth` was revoked.
  [[nodiscard]] bool is_unchecked(int depth) const;
  /// The status of the certificate at `depth` is known otherwise, or need not be.
  void drop_unchecked(int depth);
  /// The finding that decides; null if nothing speaks against the path.
  [[nodiscard]] const Finding* worst() const;

 private:
  static int on_result(int ok, X509_STORE_CTX* context);
  [[nodiscard]] bool is_tolerated(int error, X509_STORE_CTX* context) const;
  void note(int error, X509_STORE_CTX* context);

  Time at_;
  std::chrono::seconds crl_grace_;
  std::vector<Finding> all_;
};

}  // namespace siegel::pki
