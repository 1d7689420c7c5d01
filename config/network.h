#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace siegel::config {

/// The octets of an IP address; an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is an IPv4 address.
struct IpAddress {
  std::array<std::uint8_t, 16> octets{};  ///< the first 4 or all 16
  unsigned bits = 0;                      ///< 32 or 128
  bool operator==(const IpAddress&) const = default;

  /// A zone (`fe80::1%eth0`) is left out of account.
  static std::optional<IpAddress> parse(std::string_view text);
};

/// True if the last label of `host` begins with a digit. No such name is registered, but resolvers
/// take `2130706433`, `0x7f.1` and `0177.0.0.1` for IP addresses; so `host` is an address, plainly
/// written or in disguise.
[[nodiscard]] bool is_numeric_host(std::string_view host);

/// An IP address and the number of its leading bits that count.
struct Prefix {
  IpAddress address;
  unsigned length = 0;

  /// `10.0.0.0/8`, or an address alone, which is a network of one.
  static std::optional<Prefix> parse(std::string_view text);
  /// True if no bit beyond `length` is set, as in 10.0.0.0/8 but not in 10.0.0.1/8.
  [[nodiscard]] bool is_clean() const;
  [[nodiscard]] bool contains(const IpAddress& other) const;
};

}  // namespace siegel::config
