#pragma once

#include "config/network.h"

namespace siegel::pki {

/// True if no authority can be at `address`: this machine, by loopback or by any address of
/// its interfaces; link-local, multicast, unspecified and reserved addresses; IPv6 addresses that
/// lead to such an IPv4 address, or to one that cannot be told from outside. Private networks are
/// not among them: authorities use them, and the operator's list names who is meant.
[[nodiscard]] bool is_forbidden(const config::IpAddress& address);

/// True for networks that are nobody's in public: RFC 1918, RFC 6598, RFC 4193. Where no list names
/// who is meant, they are forbidden too.
[[nodiscard]] bool is_private(const config::IpAddress& address);

}  // namespace siegel::pki
