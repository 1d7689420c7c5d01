#pragma once

#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/advice.h"
#include "gateway/policy/grouping.h"
#include "gateway/policy/verdict.h"
#include "pki/ring.h"

namespace siegel::policy {

/// Everything that outgoing decisions are made from.
struct Sending {
  const config::Config& config;
  const mail::Envelope& envelope;
  const mail::Entity& top;
  const Verdict& verdict;
  const pki::Ring& ring;
};

/// What a refusal gives the sender to do, put on a route that is no longer relayed.
void refuse(Route& route, const std::string& reason, Advice advice);

/// What is done for each recipient of the envelope, by the rules, the message's own wish and the
/// keys that there are.
[[nodiscard]] std::vector<Plan> plan_outgoing(const Sending& sending);

}  // namespace siegel::policy
