#pragma once

#include <string>

#include "gateway/mail/envelope.h"
#include "gateway/mail/message.h"

namespace siegel::mail {

/// One Received field with line end (RFC 5321 §4.4): from HELO (client) by name with ESMTP(S) id …;
/// date. The client's words are escaped; the `for` clause is left out, it could show a Bcc.
[[nodiscard]] std::string received_field(const Envelope& envelope, const std::string& our_name);

/// Number of Received fields of `top`, for loop detection (RFC 5321 §6.3).
[[nodiscard]] std::size_t hops(const Entity& top);

}  // namespace siegel::mail
