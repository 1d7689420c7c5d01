#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// Hosts, networks and ports: what several parts of the configuration are made of.
namespace siegel::config {

/// An IP network, such as 10.0.0.0/8 or 2001:db8::/32. IPv4-mapped IPv6 addresses count as IPv4.
struct Network {
  std::string text;
  [[nodiscard]] bool contains(const std::string& ip) const;
};

/// A host and the one port of it that may be spoken to: "ocsp.pki.example" (port 80),
/// "*.pki.example:8080" (what is below the domain), "10.1.2.3:8080", "[2001:db8::1]".
struct HostPattern {
  std::string host;  ///< A-labels in lower case, "*." before them for what is below; or an address
  std::uint16_t port = 80;
  /// `other` is a name in lower case or an IP address; an address is only covered by itself.
  [[nodiscard]] bool covers(const std::string& other, std::uint16_t other_port) const;
};

/// "0.0.0.0:25" or "[::]:25"; port 0 takes a free one (tests and the demo).
struct SocketAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// What a next hop must offer before a message goes to it.
enum class TlsDemand {
  none,           ///< never STARTTLS
  opportunistic,  ///< STARTTLS where offered, any certificate
  verified,       ///< STARTTLS with a certificate that names the host and chains to `ca_file`
};

struct NextHop {
  enum class Kind { smtp, maildir };
  Kind kind = Kind::smtp;
  std::string host;                 ///< smtp
  std::uint16_t port = 25;          ///< smtp
  std::filesystem::path directory;  ///< maildir: one per side, for the demo and tests
};

struct Delivery {
  NextHop to;
  TlsDemand tls = TlsDemand::opportunistic;
  std::optional<std::filesystem::path> ca_file;
};

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM chain
  std::filesystem::path key;          ///< PEM
};

}  // namespace siegel::config
