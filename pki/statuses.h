#pragma once

#include <cstddef>

#include "base/clock.h"
#include "base/log.h"
#include "pki/fetch_guarded.h"
#include "pki/ocsp.h"
#include "pki/store.h"

namespace siegel::pki {

/// What came of one round over the wanted statuses.
struct StatusRound {
  std::size_t learned = 0;  ///< whose status is known now
  std::size_t failed = 0;   ///< asked for in vain; they stay on the list
  std::size_t waiting = 0;  ///< of which there is nothing newer yet; they stay on the list
  std::size_t spared = 0;   ///< not asked for: known by now, or of a path that has lost its anchor
};

/// The housekeeping task that asks for what messages have left unknown (STANDARDS §5.3): the OCSP
/// responder that the certificate names, else the list of its distribution point, each only where
/// `fetch` allows, and only while the path still ends at an anchor. What is learned goes to the
/// store, and the next message sees it. A list that many certificates name is fetched once. What
/// fails is tried again after a minute, then after twice as long each time, up to an hour. Begins
/// with no certificate after eight seconds; what is left then comes next. One whose six places are
/// all silent takes 24 seconds by itself, once: within a round a silent place is not asked again.
/// Throws Error{world} only if the database is not available.
StatusRound refresh_statuses(KeyStore& store, const GuardedFetch& fetch, const Clock& clock,
                             const Log& log);

/// Puts on the list what our own certificates need, so that one that was revoked is noticed though
/// nobody has written to us.
void note_own_needs(KeyStore& store, const Clock& clock);

/// True if the certificate names at least one place that may be asked.
[[nodiscard]] bool can_be_asked(const StatusNeed& need, const GuardedFetch& fetch);

}  // namespace siegel::pki
