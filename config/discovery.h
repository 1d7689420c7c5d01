#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/places.h"

/// The part of the configuration that stands under `discovery:`: where keys of recipients are
/// looked for whom none is known. Empty, as it is without the section, nobody is asked.
namespace siegel::config {

/// An LDAP server that publishes certificates (STANDARDS §5.5).
struct DirectoryServer {
  std::string url;                                ///< "ldaps://host[:port]" or "ldap://…"
  std::string base;                               ///< where the search begins: "o=Bund,c=DE"
  std::vector<std::string> domains;               ///< only for these; empty = for all
  bool start_tls = false;                         ///< with ldap://
  std::optional<std::filesystem::path> ca_file;   ///< else those of the system
  std::optional<std::string> bind_dn;             ///< else anonymous
  std::optional<std::filesystem::path> password;  ///< a file; its first line
  bool own_pki = false;  ///< the directory of our own PKI ranks before what was harvested (R-33)
};

/// OpenPGP keys that a recipient's domain publishes on the web (draft-koch-openpgp-webkey-service).
struct WebKeyDirectory {
  bool enabled = false;
  std::vector<std::string> domains;              ///< only for these; empty = for all
  std::optional<std::filesystem::path> ca_file;  ///< else those of the system
  /// "10.1.2.3:3128": asked instead of the recipient's own host, by CONNECT.
  std::optional<SocketAddress> proxy;
};

/// Keys in DNSSEC-signed zones: SMIMEA (RFC 8162), OPENPGPKEY (RFC 7929).
struct DnsKeys {
  bool smimea = false;
  bool openpgpkey = false;
  std::optional<SocketAddress> resolver;  ///< is asked; else the root servers themselves
  std::filesystem::path trust_anchor = "/usr/share/dns/root.key";
};

struct DiscoverySettings {
  std::vector<DirectoryServer> ldap;
  WebKeyDirectory wkd;
  DnsKeys dns;
  std::chrono::seconds patience{5};                   ///< for one question to one place
  std::chrono::seconds keep{std::chrono::hours(24)};  ///< how long an answer counts
  std::chrono::seconds keep_none{std::chrono::hours(1)};
  /// How long mail that demands encryption waits for a first answer before it is refused, held or
  /// goes by pickup. Zero: it does not wait; the answer helps the next mail.
  std::chrono::seconds wait{8};
};

}  // namespace siegel::config
