#pragma once

#include "base/blob.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/relay/settle.h"
#include "gateway/spool/spool.h"

namespace siegel::relay {

/// What a settlement's reports become: a delivery status notification on its way back.
struct Notice {
  spool::Consignment consignment;
  Octets octets;
};

/// From the null reverse-path to the item's, unsigned (STANDARDS §2.4: a report must stay the
/// top-level type). `message` is the item's.
/// REQUIRES: the settlement has reports.
[[nodiscard]] Notice make_notice(const config::Config& config, const Settlement& settlement,
                                 const Blob& message, Time now);

}  // namespace siegel::relay
