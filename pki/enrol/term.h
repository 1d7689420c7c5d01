#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pki/enrol/office.h"

/// When the certificates of our mailboxes end.
namespace siegel::pki::enrol {

/// A certificate of ours, and what enrolment knows of it.
struct Term {
  OwnCertificate own;
  std::optional<Request> request{};  ///< nothing if it was imported by hand
  /// Whole days, counted down; 0 in its last hours, negative when it is over.
  std::int64_t days_left = 0;
};

/// All certificates of our mailboxes, in the order of KeyStore::own_certificates().
[[nodiscard]] std::vector<Term> terms(const Office& office);

/// Those that end within `time` and that nothing replaces: for each mailbox and each use the one
/// that lasts longest. One that has ended is told of for 30 days more. What was revoked or
/// superseded, or has no key here, is of no interest.
[[nodiscard]] std::vector<Term> ending(const Office& office, std::chrono::seconds time);

/// How many certificates in service end in each month ("2026-12"), `months` of them from the
/// present one; those without any too.
[[nodiscard]] std::map<std::string, std::int64_t> forecast(const Office& office, int months);

}  // namespace siegel::pki::enrol
