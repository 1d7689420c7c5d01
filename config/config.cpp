#include "config/config.h"

#include <algorithm>

#include "config/network.h"

namespace siegel::config {

bool HostPattern::covers(const std::string& other, std::uint16_t other_port) const {
  if (port != other_port) return false;
  const auto address = IpAddress::parse(other);
  if (address) return IpAddress::parse(host) == address;
  if (!host.starts_with("*.")) return host == other;
  return other.size() + 1 > host.size() && other.ends_with(std::string_view(host).substr(1));
}

bool Network::contains(const std::string& ip) const {
  const auto prefix = Prefix::parse(text);
  const auto address = IpAddress::parse(ip);
  return prefix && address && prefix->contains(*address);
}

bool Config::is_ours(const Address& address) const {
  return std::ranges::find(domains, address.domain()) != domains.end();
}

}  // namespace siegel::config
