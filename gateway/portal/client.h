#pragma once

#include <string>
#include <vector>

#include "config/places.h"
#include "gateway/portal/fields.h"

namespace siegel::portal {

/// Who asks.
struct Client {
  std::string ip;      ///< as text, without brackets, port or zone
  bool https = false;  ///< what the browser speaks, be it with us or with the proxy before us
};

/// Takes X-Forwarded-For and X-Forwarded-Proto into account, but only if `peer`, the other end of
/// the connection, is one of `proxies`: then the client is the right-most address that is no proxy
/// of ours. What stands left of it anybody may have written, and so it ends the search if something
/// is no address.
[[nodiscard]] Client client_behind(const Client& peer, const Fields& fields,
                                   const std::vector<config::Network>& proxies);

/// What limits are counted by: the address, or of an IPv6 address its /64, which is what one
/// household or one host gets.
[[nodiscard]] std::string network_of(const std::string& ip);

}  // namespace siegel::portal
