#pragma once

#include "config/config.h"
#include "gateway/crypt/inspect_peel.h"
#include "gateway/mail/message.h"

namespace siegel::crypt {

/// Binds the signatures to the author (STANDARDS §2.7, RFC 8550 §3): sets signer_is_author, the
/// signer of each layer, and the reason where they differ. The From field of the received message
/// counts, whatever fields lie within its layers; every signature of the message must be the
/// author's.
void bind_to_author(Peeled& peeled, const mail::Entity& top, const config::SmimeSettings& settings);

}  // namespace siegel::crypt
