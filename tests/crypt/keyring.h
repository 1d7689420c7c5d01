#pragma once

#include <memory>
#include <vector>

#include "pki/keys.h"
#include "pki/recipient_id.h"

namespace siegel::tests {

/// Keys in memory: what crypt asks for, without a database.
class Keyring final : public pki::Keys {
 public:
  explicit Keyring(std::vector<pki::DecryptionKey> keys = {}) : keys_(std::move(keys)) {}

  [[nodiscard]] std::shared_ptr<const pki::Trust> trust() const override { return nullptr; }
  [[nodiscard]] std::optional<pki::SigningKey> signer(const Address&, Time) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::string why_no_signer(const Address&, Time) const override { return {}; }
  [[nodiscard]] std::optional<pki::Certificate> own_encryption(const Address&,
                                                               Time) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<pki::DecryptionKey> decryptor(
      const pki::RecipientId& recipient) const override {
    for (const pki::DecryptionKey& key : keys_)
      if (pki::names(recipient, key.certificate)) return key;
    return std::nullopt;
  }
  [[nodiscard]] std::vector<pki::PeerKey> peers(const Address&, Time) const override { return {}; }
  pki::Learned learn(const pki::Harvested&, Time) override { return pki::Learned::ignored; }
  void note_unknown_root(const pki::Certificate&, const Address&, Time) override {}
  void note_wanted(std::span<const pki::StatusNeed>, Time) override {}

 private:
  std::vector<pki::DecryptionKey> keys_;
};

}  // namespace siegel::tests
