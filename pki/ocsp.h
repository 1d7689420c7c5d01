#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "pki/certificate.h"

namespace siegel::pki {

/// A certificate and the authority whose key has signed it, side by side on a path that ends at an
/// anchor: what a revocation status can be asked for.
struct StatusNeed {
  Certificate certificate, issuer;
  /// The authorities between the issuer and the anchor, in order: perhaps they came with the
  /// message alone, and without them nobody could tell later that the path still holds.
  std::vector<Certificate> above{};
  bool operator==(const StatusNeed&) const = default;
};

/// What an answer is about: the issuer's name and key and the certificate's serial number, in one
/// hash (lower-case hexadecimal).
[[nodiscard]] std::string status_subject(const Certificate& certificate, const Certificate& issuer);

/// What a responder says of one certificate (RFC 6960 §2.2): an immutable value whose signature was
/// checked when it was made.
struct OcspAnswer {
  enum class Status { good, revoked, unknown };

  std::string subject;  ///< as status_subject
  Status status = Status::unknown;
  Time this_update;
  std::optional<Time> next_update;
  Time revoked_at;     ///< of a revoked one; else 1970
  std::string reason;  ///< of a revoked one, as in RFC 5280 §5.3.1: "keyCompromise"; may be empty
  Time taken{};        ///< when a responder last said so to us

  /// True for a revocation that may be lifted: certificateHold (RFC 5280 §5.3.1).
  [[nodiscard]] bool is_hold() const;
  /// True from thisUpdate until nextUpdate, or for 24 hours if there is none; 300 s of clock skew
  /// are forgiven.
  [[nodiscard]] bool is_current(Time at) const;
  /// True if it says that the certificate was not revoked, and is current; for 24 hours after it
  /// was taken at most, whatever its nextUpdate (STANDARDS §5.3).
  [[nodiscard]] bool clears(Time at) const;
  /// True if it says that the certificate is revoked. For good, unless it is on hold: a hold counts
  /// while the answer is current.
  [[nodiscard]] bool revokes(Time at) const;
  /// True if a new one should be fetched: half of the time for which it counts is over.
  [[nodiscard]] bool is_due(Time at) const;
  /// true if this may take the place of `older` for the same certificate. What was revoked
  /// for good stays so, and takes the place of anything else whatever its thisUpdate; of all others
  /// an older thisUpdate never does.
  [[nodiscard]] bool supersedes(const OcspAnswer& older) const;
  /// True if `other` is the same answer, whenever it was taken.
  [[nodiscard]] bool repeats(const OcspAnswer& other) const;

  bool operator==(const OcspAnswer&) const = default;
};

/// Answers by their subject.
using OcspAnswers = std::map<std::string, OcspAnswer>;

/// A request for one certificate (RFC 6960 §4.1), and what its answer will be held against.
struct OcspRequest {
  std::string der;
  std::string nonce;  ///< octets; empty if there is none
};

/// CertID with SHA-1, which all responders know (it identifies, it protects nothing), and a random
/// nonce of 16 octets (RFC 8954), which a responder need not repeat (RFC 5019 §2.2.1).
[[nodiscard]] OcspRequest make_ocsp_request(const StatusNeed& need);

/// What came of reading a response: an answer, or why there is none.
struct OcspReading {
  std::optional<OcspAnswer> answer;
  std::string refusal;  ///< one sentence for the operator; empty if there is an answer
  /// Who has signed the answer, if it is not the issuer itself: whether it was revoked must be
  /// looked up by the caller.
  std::optional<Certificate> responder;
  /// False if the issuer says that this responder's certificate need not be checked for its
  /// lifetime: id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1).
  bool is_responder_revocable = true;
};

/// RFC 6960 §3.2, §4.2: the response must be successful, be signed by the issuer itself or by a
/// responder that the issuer itself has certified for OCSP (§4.2.2.2), by an algorithm and key that
/// we accept, be about `need` exactly once, repeat the nonce if it has one, and be current at `at`.
/// At most 1 MiB of any origin. Never throws for what is in it.
[[nodiscard]] OcspReading read_ocsp_response(std::string_view octets, const StatusNeed& need,
                                             const OcspRequest& asked, Time at);

}  // namespace siegel::pki
