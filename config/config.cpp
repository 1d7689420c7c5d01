#include "config/config.h"

#include <algorithm>

#include "config/network.h"

namespace siegel::config {

bool Network::contains(const std::string& ip) const {
  const auto prefix = Prefix::parse(text);
  const auto address = IpAddress::parse(ip);
  return prefix && address && prefix->contains(*address);
}

bool Config::is_ours(const Address& address) const {
  return std::ranges::find(domains, address.domain()) != domains.end();
}

}  // namespace siegel::config
