#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "pki/store.h"

namespace siegel::pki {

/// What came of one round over the configured sources.
struct ListRound {
  std::size_t fetched = 0;  ///< sources that were due and could be read
  std::size_t newer = 0;    ///< lists that replaced what we had
  std::size_t failed = 0;   ///< sources that were due and gave nothing of use
};

/// The housekeeping task that keeps revocation lists current (STANDARDS §5.2): fetches each
/// configured source that is due and hands its lists to the store, which keeps what is newer. A
/// source is due `revocation.refresh` after it was last read, or five minutes after it failed; a
/// file also as soon as it has changed. One broken source never stops the others; a rollback and a
/// list of nobody we know are alarms. A clock that is wrong fetches nothing. Throws
/// Error{world} only if the database is not available.
ListRound refresh_lists(const config::Config& config, KeyStore& store, const Clock& clock,
                        const Log& log);

/// The lists in what a source gave: each PEM block of a bundle, or the whole. Views into `octets`.
[[nodiscard]] std::vector<std::string_view> lists_in(std::string_view octets);

}  // namespace siegel::pki
