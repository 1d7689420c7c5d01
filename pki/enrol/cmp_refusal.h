#pragma once

#include <string>

#include <openssl/cmp.h>

#include "pki/enrol/cmp_conversation.h"

namespace siegel::pki::enrol {

/// What the CA said about a request, by an answer that was verified.
struct CmpStatus {
  int status = 0;     ///< PKIStatus (RFC 4210 §5.2.3), or what OpenSSL puts in its place
  int failure = 0;    ///< PKIFailureInfo, one bit each
  std::string words;  ///< PKIFreeText, printable

  static CmpStatus of(const OSSL_CMP_CTX* context);

  [[nodiscard]] bool is_rejection() const noexcept;
  [[nodiscard]] bool is_waiting() const noexcept;
  /// The CA is out of order or busy: the same request may succeed later.
  [[nodiscard]] bool will_pass() const noexcept;
  /// RFC 4210 appendix F: "the certificate has already been revoked".
  [[nodiscard]] bool is_revoked_already() const noexcept;
  /// What the CA said, and what to do next.
  [[nodiscard]] std::string reason() const;
};

/// Why there is no answer of the CA that can be believed; empties OpenSSL's error queue.
[[nodiscard]] std::string why_unheard(const Conversation& conversation);

}  // namespace siegel::pki::enrol
