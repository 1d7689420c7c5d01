#pragma once

#include "config/discovery.h"
#include "pki/discovery/place.h"

namespace siegel::pki::discovery {

/// An LDAP server that publishes certificates (STANDARDS §5.5). A connection for each question; no
/// referral is followed. Thread-safe.
class LdapDirectory final : public Place {
 public:
  explicit LdapDirectory(config::DirectoryServer server) : server_(std::move(server)) {}

  [[nodiscard]] Provenance provenance() const override;
  [[nodiscard]] bool serves(const Address& address) const override;
  [[nodiscard]] std::string asked(const Address& address) const override;
  /// Also throws Error{ours} if the files that the configuration names cannot be read.
  [[nodiscard]] Finds ask(const Address& address,
                          std::chrono::milliseconds patience) const override;

 private:
  config::DirectoryServer server_;
};

}  // namespace siegel::pki::discovery
