#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/discovery.h"
#include "pki/discovery/place.h"
#include "pki/discovery/wkd_location.h"
#include "pki/look_up.h"
#include "pki/tls_rules.h"

namespace siegel::pki::discovery {

/// The web server of the recipient's domain (draft-koch-openpgp-webkey-service). Its host is
/// whatever the recipient's address says, so that it is asked by HTTPS only, follows no
/// redirection, and must not be in a private network or this machine; a proxy sees to that
/// itself. Thread-safe.
class WebKeys final : public Place {
 public:
  /// How the web is reached; a test has one of its own.
  struct Web {
    LookUp look_up = &system_look_up;
    std::uint16_t port = 443;
    std::vector<std::string> permitted{};  ///< addresses, although they are no public ones
  };

  explicit WebKeys(config::WebKeyDirectory settings) : WebKeys(std::move(settings), Web()) {}
  WebKeys(config::WebKeyDirectory settings, Web web)
      : settings_(std::move(settings)), web_(std::move(web)) {}

  [[nodiscard]] Provenance provenance() const override { return Provenance::dns; }
  [[nodiscard]] bool serves(const Address& address) const override;
  [[nodiscard]] std::string asked(const Address& address) const override;
  /// The sub-domain of the advanced method if it exists, else the domain itself. Also throws
  /// Error{ours} if the CA file cannot be read.
  [[nodiscard]] Finds ask(const Address& address,
                          std::chrono::milliseconds patience) const override;

 private:
  [[nodiscard]] TlsRules rules() const;
  [[nodiscard]] std::vector<std::string> addresses(const std::string& host,
                                                   std::chrono::milliseconds time) const;
  void check_address(const std::string& host, const std::string& address) const;

  config::WebKeyDirectory settings_;
  Web web_;
};

}  // namespace siegel::pki::discovery
