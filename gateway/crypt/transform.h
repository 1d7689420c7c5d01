#pragma once

#include "base/blob.h"
#include "config/config.h"
#include "gateway/crypt/inspect.h"
#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"
#include "gateway/policy/decision.h"
#include "pki/openpgp_keys.h"

namespace siegel::crypt {

/// The octets that leave on one route: what `treatment` says is done, and nothing else is changed.
/// Throws Error{ours} if signing or encrypting fails: nothing leaves untreated. `openpgp` does
/// what the treatment says of OpenPGP; it is null where that is not set up.
[[nodiscard]] Octets transform(const config::Config& config, const mail::Envelope& envelope,
                               const mail::Message& received, const Inspection& seen,
                               const policy::Treatment& treatment, const pki::OpenPgpKeys* openpgp);

}  // namespace siegel::crypt
