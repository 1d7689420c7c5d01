#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "pki/certificate.h"
#include "pki/private_key.h"
#include "pki/provenance.h"
#include "pki/recipient_id.h"
#include "pki/trust.h"

namespace siegel::pki {

class OpenPgpKeys;

/// How a mailbox signs.
struct SigningKey {
  Address mailbox;
  Certificate certificate;
  std::vector<Certificate> chain;  ///< intermediates in order, no root
  PrivateKey key;
  /// Where the mailbox wants to be encrypted to: the separate encryption certificate, or the same
  /// one.
  std::optional<Certificate> encryption;
};

struct DecryptionKey {
  Certificate certificate;
  PrivateKey key;
};

/// What the owner of a certificate can decrypt, from its SMIMECapabilities (RFC 8551 §2.5.2), in
/// effect: only what our send table allows (STANDARDS §2.1, R-36).
struct Capabilities {
  bool aes_gcm = false;
  bool rsa_oaep = false;
};

struct PeerKey {
  Address address;  ///< "*@domain" for the certificate of a whole domain
  Certificate certificate;
  Capabilities capabilities;
  Provenance provenance = Provenance::harvested;
  Time last_seen{};
};

/// A certificate that came with a verified message or was found, and is worth keeping.
struct Harvested {
  Address address;
  Certificate certificate;           ///< fit for encryption
  std::vector<Certificate> helpers;  ///< the other certificates of the message
  /// Nothing if the message said nothing of them: then what we know stays.
  std::optional<Capabilities> capabilities;
  Time signing_time;       ///< claimed, checked against STANDARDS §2.8
  std::string message_id;  ///< our id of the message that brought it
  std::string why;         ///< "signed by …, trusted through …"
  Provenance provenance = Provenance::harvested;
};

/// Seam: all keys and trust of one tenant. `KeyStore` is the database behind it; `siegel explain`
/// brings its own from files. Thread-safe. A look-up that *fails* throws Error{world}; it is never
/// "none".
class Keys {
 public:
  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  virtual ~Keys() = default;

  /// The trust in force now; keep the snapshot for the unit of work.
  [[nodiscard]] virtual std::shared_ptr<const Trust> trust() const = 0;
  /// The newest signing key of `mailbox` whose certificate is valid at `at` and not revoked.
  [[nodiscard]] virtual std::optional<SigningKey> signer(const Address& mailbox, Time at) const = 0;
  /// Why there is no signer, for the refusal's text: "no certificate", "expired on …".
  [[nodiscard]] virtual std::string why_no_signer(const Address& mailbox, Time at) const = 0;
  /// The certificate to which mail of `mailbox`'s own is encrypted, for its sent copy.
  [[nodiscard]] virtual std::optional<Certificate> own_encryption(const Address& mailbox,
                                                                  Time at) const = 0;
  /// Also old keys, which only decrypt.
  [[nodiscard]] virtual std::optional<DecryptionKey> decryptor(
      const RecipientId& recipient) const = 0;
  /// Usable peer keys at `at`, best first: validity, usage and revocation are checked anew.
  /// By rank; within one those of the address before its whole domain's (`domain_wide`).
  [[nodiscard]] virtual std::vector<PeerKey> peers(const Address& address, Time at) const = 0;

  virtual Learned learn(const Harvested& harvested, Time at) = 0;
  /// Mail was good but for an anchor we do not have: its root (or topmost issuer) goes to the
  /// pending list.
  virtual void note_unknown_root(const Certificate& topmost, const Address& seen_from, Time at) = 0;
  /// Whose revocation status should be asked for before it is needed again (PathResult::wanted).
  /// Only noted: nobody is asked here.
  virtual void note_wanted(std::span<const StatusNeed> needs, Time at) = 0;

  /// The OpenPGP part; nullptr where OpenPGP is not set up.
  [[nodiscard]] virtual OpenPgpKeys* openpgp() { return nullptr; }
  [[nodiscard]] virtual const OpenPgpKeys* openpgp() const { return nullptr; }
};

}  // namespace siegel::pki
