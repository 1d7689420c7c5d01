#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "pki/certificate.h"
#include "pki/private_key.h"

namespace siegel::pki::enrol {

/// What goes to a CA.
struct Submission {
  std::string csr;  ///< PKCS#10 DER
  PrivateKey key;   ///< fits `csr`; for protocols that want another proof of possession
  /// Renewal: the certificate that is to be replaced, and its key; where the protocol knows
  /// renewal, they authenticate it.
  struct Present {
    Certificate certificate;
    PrivateKey key;
  };
  std::optional<Present> present{};
};

/// The certificate is there; `chain` holds what else the CA sent.
struct Issued {
  Certificate certificate;
  std::vector<Certificate> chain;
};
/// The CA has the request; ask again at `next_try` with `transaction`.
struct Waiting {
  std::string transaction;  ///< opaque octets, at most 64 KiB; survives a restart of the process
  Time next_try;
};
/// The CA will not; a person has to change something.
struct Refused {
  std::string reason;
};
/// It could not be asked, or it is out of order; the same again later.
struct Unreachable {
  std::string reason;
};
using Answer = std::variant<Issued, Waiting, Refused, Unreachable>;

/// RFC 5280 §5.3.1, those that an operator may give; the values are those of the CRL entry.
enum class RevocationReason {
  unspecified = 0,
  key_compromise = 1,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6
};

/// The CA has revoked the certificate.
struct Done {};
/// By(hand): a person has to act; `instruction` says who, where and how.
struct ByHand {
  std::string instruction;
};
using RevocationAnswer = std::variant<Done, ByHand, Refused, Unreachable>;

/// Seam to a certification authority that answers by itself. Implementations hold no state of a
/// request: all that is needed to go on after a restart is in the Submission and in the
/// `transaction` of the last Waiting. What the CA or the network does wrong is an Answer, never an
/// exception; only a broken set-up throws (Error{ours}). Not thread-safe: one object per thread.
class CertificateAuthority {
 public:
  CertificateAuthority() = default;
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;
  virtual ~CertificateAuthority() = default;

  virtual Answer submit(const Submission& submission) = 0;
  /// Asks again. REQUIRES: the last Answer for this submission was Waiting{transaction}.
  virtual Answer poll(const Submission& submission, const std::string& transaction) = 0;
  /// `key` is that of `certificate`.
  virtual RevocationAnswer revoke(const Certificate& certificate, const PrivateKey& key,
                                  RevocationReason reason) = 0;
};

}  // namespace siegel::pki::enrol
