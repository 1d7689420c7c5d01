#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "config/profile.h"
#include "pki/enrol/authority.h"

namespace siegel::pki::enrol {

class Conversation;

/// A CA that speaks CMP (RFC 4210, RFC 9483 by OpenSSL's client; over HTTP or HTTPS, RFC 6712):
/// p10cr or ir, as `settings.message` says, for a first certificate, kur for a renewal, rr for a
/// revocation; certConf is sent, and rejects a certificate that is not for our key. ir and kur
/// carry subject, extensions and key of the certification request in a template (RFC 4211 §5) and a
/// signature of the key as proof of possession (§4.1), also where the key lies in a token or is for
/// encryption only.
///
/// Requests are protected by the shared secret (PBM with SHA-256 and HMAC-SHA-256) or signed with
/// `settings.certificate`. A renewal or revocation is signed with the certificate that it is about
/// where that can be: it may sign, it has not expired, and `settings.authority` is given, so that
/// the CA's signed answer can be verified.
///
/// Only what the shared secret protects, or a certificate signed that chains to `authority`, counts
/// as said by the CA. The signer must stand in `authority` itself, be an authority, or carry the
/// extended key usage cmcCA or cmcRA (RFC 6402 §2.10): a mailbox's certificate does not speak for
/// its CA. The first certificate of `authority` is the one that requests are addressed to.
///
/// By https the server is believed that `tls_authority` names, and nobody else; that adds secrecy,
/// and nothing to what is said above.
///
/// A `transaction` is the CA's last "waiting" answer and, behind it, its last pollRep (RFC 4210
/// §5.3.22), both in DER.
class Cmp final : public CertificateAuthority {
 public:
  /// Carries one CMP message to the CA and brings its answer, both DER. Throws Error{world}.
  using Post = std::function<std::string(const std::string& message)>;

  /// Throws Error{ours} if nobody could work with `settings` and the files that they name. `clock`
  /// must outlive it.
  Cmp(const config::CmpSettings& settings, const Clock& clock);
  /// The same with another way to the CA than HTTP to `settings.url`.
  Cmp(config::CmpSettings settings, const Clock& clock, Post post);

  Answer submit(const Submission& submission) override;
  Answer poll(const Submission& submission, const std::string& transaction) override;
  RevocationAnswer revoke(const Certificate& certificate, const PrivateKey& key,
                          RevocationReason reason) override;

 private:
  [[nodiscard]] Answer converse(const Submission& submission, Conversation& conversation) const;

  config::CmpSettings settings_;
  const Clock& clock_;
  Post post_;
};

}  // namespace siegel::pki::enrol
