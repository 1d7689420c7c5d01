#pragma once

#include <vector>

#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/policy/decision.h"
#include "gateway/spool/spool.h"

namespace siegel::relay {

/// What the spool is told of a route: one consignment per side that its recipients live on. Of mail
/// that we decrypted, reports carry the head only, ours and those of the next host; it lives
/// as long as any other.
/// REQUIRES: the route's action is relay or hold.
[[nodiscard]] std::vector<spool::Consignment> consign(const config::Config& config,
                                                      const mail::Envelope& envelope,
                                                      const policy::Route& route);

}  // namespace siegel::relay
