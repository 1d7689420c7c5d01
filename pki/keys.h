#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "pki/certificate.h"
#include "pki/private_key.h"
#include "pki/recipient_id.h"
#include "pki/trust.h"

namespace siegel::pki {

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

/// How a peer key came to us, best first: a lower rank never replaces or hides a higher one.
enum class Provenance { admin, directory, harvested };

struct PeerKey {
  Address address;
  Certificate certificate;
  Capabilities capabilities;
  Provenance provenance = Provenance::harvested;
};

/// A certificate that came with a verified message and is worth keeping.
struct Harvested {
  Address address;
  Certificate certificate;           ///< fit for encryption
  std::vector<Certificate> helpers;  ///< the other certificates of the message
  /// Nothing if the message said nothing of them: then what we know stays.
  std::optional<Capabilities> capabilities;
  Time signing_time;       ///< claimed, checked against STANDARDS §2.8
  std::string message_id;  ///< our id of the message that brought it
  std::string why;         ///< "signed by …, trusted through …"
};

enum class Learned {
  added,
  refreshed,
  unchanged,
  pending,  ///< another issuer or key type than the pinned one: waits for `siegel peer approve`
  ignored,  ///< older than what we have (R-37), over a limit (R-38), or below a higher rank (R-33)
};
[[nodiscard]] std::string_view name(Learned learned) noexcept;

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
  [[nodiscard]] virtual std::vector<PeerKey> peers(const Address& address, Time at) const = 0;

  virtual Learned learn(const Harvested& harvested, Time at) = 0;
  /// Mail was good but for an anchor we do not have: its root (or topmost issuer) goes to the
  /// pending list.
  virtual void note_unknown_root(const Certificate& topmost, const Address& seen_from, Time at) = 0;
  /// Whose revocation status should be asked for before it is needed again (PathResult::wanted).
  /// Only noted: nobody is asked here.
  virtual void note_wanted(std::span<const StatusNeed> needs, Time at) = 0;
};

/// The keys that matter for one outgoing message, looked up once, before anything is decided: what
/// was decided is done with the very same keys.
struct Ring {
  std::optional<SigningKey> signer;
  std::string why_no_signer;
  std::optional<Certificate> own_encryption;
  std::map<Address, PeerKey> peers;  ///< the best usable key of each recipient that has one
};

[[nodiscard]] Ring gather(const Keys& keys, const std::optional<Address>& author,
                          const std::vector<Address>& recipients, Time at);

}  // namespace siegel::pki
