#pragma once

#include <string>
#include <vector>

#include "pki/enrol/office.h"

/// A certificate in service is replaced by another one with a new key (STANDARDS §6.4). Both
/// certificates are good for a time: the newer one signs and is encrypted to, both decrypt.
namespace siegel::pki::enrol {

struct Renewal {
  Request present;    ///< renewal-due
  Request successor;  ///< brought forward as far as one person can
};

/// Begins a successor of `present` and calls it renewal-due. What was interrupted goes on here; one
/// that is renewal-due already keeps its successor. Throws Error{peer} if another request of the
/// mailbox stands in the way.
[[nodiscard]] Renewal begin_renewal(const Office& office, const Request& present,
                                    const std::string& reason);

/// The newest request that is to replace this one, cancelled ones too.
[[nodiscard]] std::optional<Request> successor_of(const Office& office, const Request& present);

/// Adds `successors` to what has moved; one that breaks a rule of its CA profile is trouble as
/// well.
[[nodiscard]] Report with_successors(Report report, std::vector<Request> successors);

/// Begins successors of those that are active and fit `filter`, whatever time they have left.
Report renew(const Office& office, const Filter& filter, const std::string& reason);

/// Mass replacement: begins a successor of every active certificate of one authority. One that has
/// issued nothing that is in service is trouble: it may be misspelt.
/// @param issuer  a part of the issuer's name, or the first digits (at least 8) of the fingerprint
///                of an authority that our trust knows
/// @param before  when the last one has to be replaced; for the record
Report reissue(const Office& office, const std::string& issuer, Time before);

}  // namespace siegel::pki::enrol
