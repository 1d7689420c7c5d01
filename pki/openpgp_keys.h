#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "pki/gpg.h"
#include "pki/openpgp_key.h"
#include "pki/provenance.h"

namespace siegel::pki {

struct OpenPgpPeer {
  Address address;  ///< "*@domain" for the key of a whole domain
  OpenPgpKey key;
  Provenance provenance = Provenance::harvested;
  /// Its owner asks for encrypted replies (Autocrypt: prefer-encrypt=mutual).
  bool prefers_encryption = false;
  Time last_seen{};
};

/// An OpenPGP key that came by mail or was found, and may be worth keeping.
struct HarvestedOpenPgp {
  Address address;
  OpenPgpKey key;  ///< as it came
  Provenance provenance = Provenance::harvested;
  bool prefers_encryption = false;
  Time said_at{};  ///< when its owner said so: signing time, or Date of an Autocrypt mail
  std::string message_id;
  std::string why;
};

/// Seam: the OpenPGP part of Keys, with the same promises. Thread-safe.
class OpenPgpKeys {
 public:
  OpenPgpKeys() = default;
  OpenPgpKeys(const OpenPgpKeys&) = delete;
  OpenPgpKeys& operator=(const OpenPgpKeys&) = delete;
  virtual ~OpenPgpKeys() = default;

  /// The newest key of `mailbox` that signs at `at`.
  [[nodiscard]] virtual std::optional<OpenPgpKey> signer(const Address& mailbox, Time at) const = 0;
  [[nodiscard]] virtual std::string why_no_signer(const Address& mailbox, Time at) const = 0;
  /// The newest key of `mailbox` that others encrypt to: for its sent copy, and for Autocrypt.
  [[nodiscard]] virtual std::optional<OpenPgpKey> own_encryption(const Address& mailbox,
                                                                 Time at) const = 0;
  /// Usable peer keys at `at`, by rank; within one those of the address before its domain's.
  [[nodiscard]] virtual std::vector<OpenPgpPeer> peers(const Address& address, Time at) const = 0;
  /// Keys by which signatures of `address` may be checked: usable, pending and expired ones.
  [[nodiscard]] virtual std::vector<OpenPgpPeer> known(const Address& address) const = 0;

  virtual Learned learn(const HarvestedOpenPgp& harvested, Time at) = 0;

  /// Signs and decrypts with the secret keys behind these.
  [[nodiscard]] virtual const Gpg& gpg() const = 0;
};

}  // namespace siegel::pki
