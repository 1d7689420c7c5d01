#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pki/keys.h"

namespace siegel::tools {

/// Keys and trust from files, for `siegel explain`: nothing is stored, nothing is learned.
class LooseKeys final : public pki::Keys {
 public:
  LooseKeys(pki::Trust::Material trust, std::vector<pki::DecryptionKey> own,
            std::vector<pki::Certificate> helpers);

  [[nodiscard]] std::shared_ptr<const pki::Trust> trust() const override { return trust_; }
  [[nodiscard]] std::optional<pki::SigningKey> signer(const Address& mailbox,
                                                      Time at) const override;
  [[nodiscard]] std::string why_no_signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::optional<pki::Certificate> own_encryption(const Address& mailbox,
                                                               Time at) const override;
  [[nodiscard]] std::optional<pki::DecryptionKey> decryptor(
      const pki::RecipientId& id) const override;
  /// Certificates among the helpers that name the address and are fit for encryption.
  [[nodiscard]] std::vector<pki::PeerKey> peers(const Address& address, Time at) const override;
  pki::Learned learn(const pki::Harvested& harvested, Time at) override;
  void note_unknown_root(const pki::Certificate& topmost, const Address& seen_from,
                         Time at) override;
  void note_wanted(std::span<const pki::StatusNeed> needs, Time at) override;

 private:
  std::shared_ptr<const pki::Trust> trust_;
  std::vector<pki::DecryptionKey> own_;
  std::vector<pki::Certificate> helpers_;
};

}  // namespace siegel::tools
