#pragma once

#include <vector>

#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "pki/ring.h"

/// Which recipients of an outgoing message want for a key. Pure.
namespace siegel::relay {

/// Recipients outside our domains whom the rules would encrypt to, and of whom `ring` has no key of
/// a scheme that the rule allows, or only what they have said of themselves (Autocrypt). Whoever is
/// written to in clear anyhow is no business of a directory.
[[nodiscard]] std::vector<Address> keyless(const config::Config& config,
                                           const mail::Envelope& envelope,
                                           const mail::Message& message, const pki::Ring& ring);

/// Those of `keyless` to whom the message must go encrypted: it cannot for want of a key, or would
/// by one that nobody but its owner has named.
[[nodiscard]] std::vector<Address> stranded(const policy::Decision& decision,
                                            const std::vector<Address>& keyless);

}  // namespace siegel::relay
