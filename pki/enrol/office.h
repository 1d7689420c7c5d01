#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "config/profile.h"
#include "pki/enrol/authority.h"
#include "pki/enrol/ledger.h"
#include "pki/store.h"

namespace siegel::pki::enrol {

/// What every step of enrolment works with. Everything outlives the step; one office for each
/// thread, any number beside each other and in other processes.
struct Office {
  Ledger& ledger;
  KeyStore& store;
  const Clock& clock;
  std::vector<config::CaProfile> profiles;
  std::string actor;   ///< the user who gave the command, or "siegel-relay"
  std::string note{};  ///< stands behind every reason: what is told, but not proved, of the actor

  /// nullptr if no profile has this name any more.
  [[nodiscard]] const config::CaProfile* find_profile(const std::string& name) const;
  /// The profile of this name. Throws Error{peer} that says where profiles are configured.
  [[nodiscard]] const config::CaProfile& profile(const std::string& name) const;
  /// The private key of a request that has one. Throws Error{peer} if it is not in the store.
  [[nodiscard]] PrivateKey key_of(const Request& request) const;
  [[nodiscard]] Cause because(std::string reason, std::string evidence = {}) const {
    return {actor, std::move(reason) + note, std::move(evidence)};
  }
};

/// Something that a step could not do.
struct Trouble {
  std::string about;  ///< a mailbox, a row of a manifest, a file
  std::string text;   ///< why, and what to do next
};

/// What came of a step: every request is looked after by itself, one that makes trouble never stops
/// the others.
struct Report {
  std::vector<Request> moved;  ///< as they stand now, each once
  std::vector<Trouble> troubles;

  void add(Report other);
};

/// Told after each piece of long work. May be empty.
using Progress = std::function<void(std::size_t done, std::size_t of)>;

/// Takes keys that were destroyed out of the token as well. If that fails it is trouble in the
/// report, and the next round tries again.
[[nodiscard]] Report with_token_cleared(const Office& office, Report report);

/// A person carries it to the authority (`enrol export`, `enrol import`). False for one whose
/// profile is gone: its round says so.
[[nodiscard]] bool goes_by_files(const Office& office, const Request& request);

/// "bauamt@stadt.example (sign)": how reports name a request.
[[nodiscard]] std::string called(const Request& request);

/// The certificate that came back for it. REQUIRES: one has. Throws Error{ours} if the database
/// does not give it any more.
[[nodiscard]] Certificate certificate_of(const Request& request);

/// Runs `step`; what it throws becomes trouble of `about`, but Error{world} (the database is away)
/// goes on to the caller.
void guard(Report& report, const std::string& about, const std::function<void()>& step);

/// Runs `step` for each of `requests`, with a guard() for each. One that was moved by somebody else
/// in the meantime is trouble like any other.
[[nodiscard]] Report for_each(const std::vector<Request>& requests,
                              const std::function<Request(const Request&)>& step,
                              const Progress& progress = {});

}  // namespace siegel::pki::enrol
