#pragma once

#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "gateway/policy/verdict.h"
#include "pki/ring.h"

namespace siegel::policy {

/// What follows for one message. Pure: no clock, network or disk; the keys that matter are in
/// `ring`. Two laws, tested over random rule sets:
///   1. every recipient of the envelope stands in exactly one route;
///   2. no route relays in clear what a rule demanded to be encrypted.
/// For outgoing mail only the message's structure counts; its verdict is what an incoming rule may
/// ask for.
[[nodiscard]] Decision decide(const config::Config& config, const mail::Envelope& envelope,
                              const mail::Message& message, const Verdict& verdict,
                              const pki::Ring& ring);

}  // namespace siegel::policy
