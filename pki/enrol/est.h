#pragma once

#include <variant>
#include <vector>

#include "base/clock.h"
#include "config/profile.h"
#include "pki/enrol/authority.h"
#include "pki/enrol/http.h"

namespace siegel::pki::enrol {

/// A CA that speaks EST (RFC 7030, RFC 8951): simpleenroll for a first certificate, simplereenroll
/// for a renewal, over TLS that believes `settings.authority` and nobody else (§3.3.1). We prove
/// who we are by a TLS client certificate, by user name and password (HTTP Basic, only inside that
/// TLS), or both. A renewal is made with the certificate that it replaces as client certificate
/// where TLS servers take it: it may sign, it has not expired, and its extended key usage is absent
/// or names clientAuth; most mail certificates do not, and the configured one is used for them.
///
/// EST knows no revocation. A `transaction` is the name of the operation that is to be repeated
/// (§4.2.3).
class Est final : public CertificateAuthority {
 public:
  /// Throws Error{ours} if nobody could work with `settings` and the files that they name. `clock`
  /// must outlive it.
  Est(config::EstSettings settings, const Clock& clock);

  Answer submit(const Submission& submission) override;
  Answer poll(const Submission& submission, const std::string& transaction) override;
  /// Always ByHand.
  RevocationAnswer revoke(const Certificate& certificate, const PrivateKey& key,
                          RevocationReason reason) override;

  /// The CA's own certificates (§4.1), for an admin to look at: they are trusted by nobody because
  /// they came this way.
  using Authorities = std::variant<std::vector<Certificate>, Refused, Unreachable>;
  [[nodiscard]] Authorities cacerts();

 private:
  [[nodiscard]] Answer enrol(const Submission& submission, const std::string& operation);
  [[nodiscard]] HttpAnswer ask_server(HttpRequest request, const Submission* submission) const;
  [[nodiscard]] TlsRules rules_for(const Submission* submission) const;

  config::EstSettings settings_;
  const Clock& clock_;
  HttpPlace place_;
};

}  // namespace siegel::pki::enrol
