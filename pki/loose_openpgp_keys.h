#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "pki/openpgp_keys.h"

namespace siegel::pki {

/// OpenPGP keys from files, for `siegel explain`: each is believed for the addresses that it names;
/// nothing is stored, nothing is learned. gpg works in a home that is thrown away (Gpg). All keys
/// are added before it is used.
class LooseOpenPgpKeys final : public OpenPgpKeys {
 public:
  /// `directory` as Gpg::Settings says.
  explicit LooseOpenPgpKeys(const std::filesystem::path& directory);

  /// The public keys in armoured or binary octets. Throws Error{peer} with what is wrong with them.
  void believe(std::string_view octets);
  /// A secret key, under this passphrase or without any. Throws Error{peer}, as Gpg::take.
  void add_own(std::string_view octets, const Secret& passphrase);

  [[nodiscard]] std::optional<OpenPgpKey> signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::string why_no_signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::optional<OpenPgpKey> own_encryption(const Address& mailbox,
                                                         Time at) const override;
  [[nodiscard]] std::vector<OpenPgpPeer> peers(const Address& address, Time at) const override;
  [[nodiscard]] std::vector<OpenPgpPeer> known(const Address& address) const override;
  Learned learn(const HarvestedOpenPgp& harvested, Time at) override;
  [[nodiscard]] const Gpg& gpg() const override { return gpg_; }

 private:
  [[nodiscard]] std::optional<Secret> secret(std::string_view fingerprint_or_id) const;

  std::vector<OpenPgpKey> believed_;
  std::vector<Gpg::Pair> own_;
  Gpg gpg_;
};

}  // namespace siegel::pki
