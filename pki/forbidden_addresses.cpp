#include "pki/forbidden_addresses.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <ifaddrs.h>
#include <netinet/in.h>

namespace siegel::pki {
namespace {

using config::IpAddress;
using config::Prefix;

constexpr std::array<std::string_view, 13> forbidden{
    "0.0.0.0/8",    // this network; 0.0.0.0 leads to this machine
    "127.0.0.0/8",  // loopback
    "169.254.0.0/16",  "224.0.0.0/4", "240.0.0.0/4",
    "::/96",            // unspecified, loopback, and IPv4 in a form that is no longer used
    "::ffff:0:0:0/96",  // IPv4 translated (RFC 2765 §2.1)
    "64:ff9b:1::/48",   // IPv4 translated by local rules (RFC 8215)
    "2001::/32",        // IPv4 behind a tunnel (RFC 4380)
    "fe80::/10",       "fec0::/10",   "ff00::/8",
    "100::/64"  // discard-only
};

constexpr std::array<std::string_view, 5> closed{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                                 "100.64.0.0/10", "fc00::/7"};

/// The IPv4 address that an IPv6 address is translated to on its way (RFC 6052 §2.1, RFC 3056 §2).
std::optional<IpAddress> translated(const IpAddress& address) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 2> forms{
      {{"64:ff9b::/96", 12}, {"2002::/16", 2}}};
  for (const auto& [network, start] : forms) {
    if (!Prefix::parse(network)->contains(address)) continue;
    IpAddress inner;
    inner.bits = 32;
    std::copy_n(address.octets.begin() + static_cast<std::ptrdiff_t>(start), 4,
                inner.octets.begin());
    return inner;
  }
  return std::nullopt;
}

bool has_octets(const IpAddress& address, const void* octets) {
  const auto* begin = static_cast<const unsigned char*>(octets);
  return std::equal(begin, begin + address.bits / 8, address.octets.begin());
}

bool is_at(const sockaddr* interface, const IpAddress& address) {
  if (interface == nullptr) return false;
  if (interface->sa_family == AF_INET && address.bits == 32)
    return has_octets(address, &reinterpret_cast<const sockaddr_in*>(interface)->sin_addr);
  if (interface->sa_family == AF_INET6 && address.bits == 128)
    return has_octets(address, &reinterpret_cast<const sockaddr_in6*>(interface)->sin6_addr);
  return false;
}

/// Asked anew each time: addresses come and go while the program runs.
bool is_own(const IpAddress& address) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return true;  // nobody can say: rather not
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next)
    if (is_at(one->ifa_addr, address)) return true;
  return false;
}

}  // namespace

bool is_forbidden(const IpAddress& address) {
  const bool is_listed = std::ranges::any_of(forbidden, [&](std::string_view network) {
    return Prefix::parse(network)->contains(address);
  });
  if (is_listed || is_own(address)) return true;
  const auto inner = translated(address);
  return inner && is_forbidden(*inner);
}

bool is_private(const IpAddress& address) {
  const bool is_listed = std::ranges::any_of(
      closed, [&](std::string_view network) { return Prefix::parse(network)->contains(address); });
  if (is_listed) return true;
  const auto inner = translated(address);
  return inner && is_private(*inner);
}

}  // namespace siegel::pki
