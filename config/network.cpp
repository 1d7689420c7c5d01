#include "config/network.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <arpa/inet.h>

#include "base/ascii.h"

namespace siegel::config {
namespace {

constexpr unsigned ipv4_bits = 32;
constexpr unsigned ipv6_bits = 128;
constexpr unsigned mapped_bits = ipv6_bits - ipv4_bits;

bool is_mapped(const std::array<std::uint8_t, 16>& octets) {
  const auto zeros =
      std::all_of(octets.begin(), octets.begin() + 10, [](auto o) { return o == 0; });
  return zeros && octets[10] == 0xFF && octets[11] == 0xFF;
}

/// The address with its family as written: what a prefix length counts from.
std::optional<IpAddress> parse_as_written(const std::string& text) {
  IpAddress address;
  if (::inet_pton(AF_INET, text.c_str(), address.octets.data()) == 1) {
    address.bits = ipv4_bits;
    return address;
  }
  if (::inet_pton(AF_INET6, text.c_str(), address.octets.data()) != 1) return std::nullopt;
  address.bits = ipv6_bits;
  return address;
}

IpAddress unmapped(const IpAddress& address) {
  if (address.bits != ipv6_bits || !is_mapped(address.octets)) return address;
  IpAddress inner;
  inner.bits = ipv4_bits;
  std::copy(address.octets.begin() + 12, address.octets.end(), inner.octets.begin());
  return inner;
}

std::optional<unsigned> parse_length(std::string_view text, unsigned most) {
  unsigned length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size() || length > most)
    return std::nullopt;
  return length;
}

/// The bits of octet `index` that a prefix of `length` bits fixes.
std::uint8_t mask(unsigned length, unsigned index) {
  const unsigned fixed = std::clamp<unsigned>(length, index * 8, index * 8 + 8) - index * 8;
  return static_cast<std::uint8_t>(0xFF00U >> fixed);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton would stop at a NUL and take what stands before it.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const auto address = parse_as_written(std::string(text.substr(0, text.find('%'))));
  if (!address) return std::nullopt;
  return unmapped(*address);
}

bool is_numeric_host(std::string_view host) {
  const auto end = host.find_last_not_of('.');
  if (end == std::string_view::npos) return true;
  const auto dot = host.find_last_of('.', end);
  const auto start = dot == std::string_view::npos ? 0 : dot + 1;
  return ascii::is_digit(host[start]);
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const auto slash = text.find('/');
  const auto written = parse_as_written(std::string(text.substr(0, slash)));
  if (!written) return std::nullopt;
  Prefix prefix{unmapped(*written), written->bits};
  if (slash != std::string_view::npos) {
    const auto length = parse_length(text.substr(slash + 1), written->bits);
    if (!length) return std::nullopt;
    prefix.length = *length;
  }
  if (prefix.address.bits == written->bits) return prefix;
  if (prefix.length < mapped_bits) return std::nullopt;  // spans mapped and other addresses
  prefix.length -= mapped_bits;
  return prefix;
}

bool Prefix::is_clean() const {
  for (unsigned i = 0; i < address.octets.size(); ++i) {
    if ((address.octets[i] & static_cast<std::uint8_t>(~mask(length, i))) != 0) return false;
  }
  return true;
}

bool Prefix::contains(const IpAddress& other) const {
  if (other.bits != address.bits) return false;
  for (unsigned i = 0; i < address.octets.size(); ++i) {
    if (((address.octets[i] ^ other.octets[i]) & mask(length, i)) != 0) return false;
  }
  return true;
}

}  // namespace siegel::config
