#pragma once

#include <memory>

#include "base/guarded.h"
#include "config/discovery.h"
#include "pki/discovery/place.h"

namespace siegel::pki::discovery {

/// The zone of the recipient's domain, as far as DNSSEC vouches for it: SMIMEA (RFC 8162) and
/// OPENPGPKEY (RFC 7929) by libunbound, which validates by itself from the trust anchor on. An
/// answer that is not secure is none. Thread-safe.
class DnsZone final : public Place {
 public:
  explicit DnsZone(config::DnsKeys settings);
  ~DnsZone() override;

  [[nodiscard]] Provenance provenance() const override { return Provenance::dns; }
  [[nodiscard]] bool serves(const Address& address) const override;
  [[nodiscard]] std::string asked(const Address& address) const override;
  /// The two kinds are asked for at the same time, and each counts for itself: what one has is
  /// given though the other fails. Also throws Error{ours} if the resolver cannot be set up.
  [[nodiscard]] Finds ask(const Address& address,
                          std::chrono::milliseconds patience) const override;

 private:
  class Resolver;

  [[nodiscard]] std::unique_ptr<Resolver> lend() const;
  void give_back(std::unique_ptr<Resolver> resolver) const;

  config::DnsKeys settings_;
  mutable Guarded<std::vector<std::unique_ptr<Resolver>>> idle_;  // with what they have cached
};

}  // namespace siegel::pki::discovery
