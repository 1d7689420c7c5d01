#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

/// The audit: who did what to which key, trust or enrolment. It is only added to, and each entry's
/// digest covers the entry before it, so that what was altered, taken out or put in afterwards is
/// found. The last entry is sealed with the key-encryption key (audit_seal.h): who can write the
/// database but has not that key cannot cut entries off nor write a new chain. To find a whole
/// database of an earlier day, keep a digest of each day elsewhere; trust_events(1) gives it.
namespace siegel::pki {

/// What is to be written into the audit.
struct Event {
  std::string actor;    ///< a user's name, or by_operator, by_gateway
  std::string action;   ///< "anchor-added", "peer-pending", …
  std::string subject;  ///< an address, or a certificate's fingerprint
  std::string detail{};
};
inline constexpr auto by_operator = "operator";
inline constexpr auto by_gateway = "gateway";

/// An entry of the audit.
struct TrustEvent {
  std::int64_t id = 0;  ///< from 1, without a gap
  Time at;              ///< to the second
  std::string actor, action, subject, detail;
  std::string digest;  ///< chained()
};

/// SHA-256, in hexadecimal, of the digest before it and all fields of the entry, each with its
/// length (docs/FORMATS.md); that of the first entry follows an empty text.
[[nodiscard]] std::string chained(const TrustEvent& entry, const std::string& previous);

struct AuditCheck {
  std::int64_t entries = 0;
  std::string head;                    ///< digest of the last entry
  std::int64_t noted = 0;              ///< the entry whose digest was noted; 0: there is none
  std::int64_t sealed_since = 0;       ///< entries that stood there when it was sealed first
  std::optional<std::string> trouble;  ///< the first thing that is not as it was written
};

}  // namespace siegel::pki
