#include "gateway/portal/client.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <arpa/inet.h>

#include "base/ascii.h"
#include "config/network.h"

namespace siegel::portal {
namespace {

std::string text_of(const config::IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.bits == 32 ? AF_INET : AF_INET6, address.octets.data(), text.data(),
            text.size());
  return text.data();
}

// Proxies write "192.0.2.1", "192.0.2.1:1234", "2001:db8::1" and "[2001:db8::1]:1234".
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  if (std::ranges::count(text, ':') == 1) return text.substr(0, text.find(':'));
  return text;
}

bool is_proxy(const std::string& ip, const std::vector<config::Network>& proxies) {
  return std::ranges::any_of(proxies,
                             [&](const config::Network& network) { return network.contains(ip); });
}

// The last of a comma-separated list, and takes it away.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return ascii::trim(last);
}

std::string forwarded_for(const std::string& peer, std::string_view list,
                          const std::vector<config::Network>& proxies) {
  std::string ip = peer;
  while (!list.empty() && is_proxy(ip, proxies)) {
    const auto address = config::IpAddress::parse(without_port(take_last(list)));
    if (!address) break;
    ip = text_of(*address);
  }
  return ip;
}

}  // namespace

Client client_behind(const Client& peer, const Fields& fields,
                     const std::vector<config::Network>& proxies) {
  if (!is_proxy(peer.ip, proxies)) return peer;
  Client client = peer;
  if (const auto list = fields.get("X-Forwarded-For"))
    client.ip = forwarded_for(peer.ip, *list, proxies);
  if (const auto list = fields.get("X-Forwarded-Proto")) {
    std::string_view rest = *list;
    client.https = ascii::equals_ignoring_case(take_last(rest), "https");
  }
  return client;
}

std::string network_of(const std::string& ip) {
  auto address = config::IpAddress::parse(ip);
  if (!address) return ip;
  if (address->bits == 32) return text_of(*address);
  std::fill(address->octets.begin() + 8, address->octets.end(), std::uint8_t{0});
  return text_of(*address) + "/64";
}

}  // namespace siegel::portal
