#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pki/keys.h"
#include "pki/loose_openpgp_keys.h"

namespace siegel::pki {

/// Keys and trust from files, for `siegel explain`: nothing is stored, nothing is learned.
class LooseKeys final : public Keys {
 public:
  /// `openpgp` may be nullptr: then OpenPGP is not set up.
  LooseKeys(Trust::Material trust, std::vector<DecryptionKey> own, std::vector<Certificate> helpers,
            std::unique_ptr<LooseOpenPgpKeys> openpgp = nullptr);

  [[nodiscard]] std::shared_ptr<const Trust> trust() const override { return trust_; }
  [[nodiscard]] std::optional<SigningKey> signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::string why_no_signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::optional<Certificate> own_encryption(const Address& mailbox,
                                                          Time at) const override;
  [[nodiscard]] std::optional<DecryptionKey> decryptor(const RecipientId& id) const override;
  /// Certificates among the helpers that name the address and are fit for encryption.
  [[nodiscard]] std::vector<PeerKey> peers(const Address& address, Time at) const override;
  Learned learn(const Harvested& harvested, Time at) override;
  void note_unknown_root(const Certificate& topmost, const Address& seen_from, Time at) override;
  void note_wanted(std::span<const StatusNeed> needs, Time at) override;
  [[nodiscard]] OpenPgpKeys* openpgp() override { return openpgp_.get(); }
  [[nodiscard]] const OpenPgpKeys* openpgp() const override { return openpgp_.get(); }

 private:
  std::shared_ptr<const Trust> trust_;
  std::vector<DecryptionKey> own_;
  std::vector<Certificate> helpers_;
  std::unique_ptr<LooseOpenPgpKeys> openpgp_;
};

}  // namespace siegel::pki
