#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/blob.h"
#include "base/time.h"
#include "pki/openpgp_key.h"
#include "pki/secret.h"

namespace siegel::pki {

namespace gpg {
class Bench;
}

/// One signature that gpg has looked at. Facts only: whom the key belongs to, and whether it is
/// trusted, gpg does not say (trust-model always).
struct OpenPgpSignature {
  enum class Outcome {
    good,
    bad,          ///< it does not fit the octets
    no_key,       ///< made by a key that was not given
    expired_key,  ///< right, but the key had expired
    revoked_key,  ///< right, but the key is revoked
    expired,      ///< right, but the signature says that it has expired
    refused,      ///< by a digest or an algorithm that gpg does not accept (SHA-1, weak-digest)
    unfit,        ///< by a key that may not sign (wrong_key_usage)
    unreadable,
  };
  Outcome outcome = Outcome::unreadable;
  /// Of the key that signed, perhaps a subkey; only the key id (16 digits) where gpg does not know
  /// more (STANDARDS §4.3.1).
  std::string fingerprint;
  std::string digest;     ///< "SHA256"
  std::string algorithm;  ///< of the key: "EdDSA", "RSA"
  std::optional<Time> made;
};

/// What came of decrypting. R-04: a failure does not say which step failed.
struct OpenPgpDecrypted {
  enum class Outcome {
    opened,
    no_key,      ///< not encrypted to a key of ours
    failed,      ///< damaged, altered, without integrity protection (R-05), too large (R-48)
    unreadable,  ///< no OpenPGP message, or of a form that gpg 2.2 does not know (SEIPDv2)
  };
  Outcome outcome = Outcome::failed;
  std::string content;  ///< only if opened
  /// Of our key (the primary) that opened it; empty if the message does not name its recipients.
  std::string fingerprint;
  std::string cipher;  ///< "AES256"
  /// Signatures inside the encryption (RFC 3156 §6.2); empty if there are none.
  std::vector<OpenPgpSignature> signatures;
};

/// gpg, by GpgME (STANDARDS §1.2, §4.2): the only place that knows either. Its home is a workbench:
/// keys are brought there when they are needed and may vanish at any time, for gpg-agent may die
/// and the folder may be emptied; whatever was lost is brought anew. Never asks the network.
///
/// Thread-safe: at most `processes` operations run at once, the others wait their turn. Texts of
/// gpg are never parsed. Operations throw Error{world} if gpg itself cannot work; what is
/// wrong with foreign octets is in the result.
class Gpg {
 public:
  /// Where Gpg gets our secret keys from when it needs them. Called by several threads; what they
  /// throw ends the operation.
  struct SecretSource {
    /// The transferable secret key of ours, without passphrase, that has this fingerprint or key id
    /// of 16 digits, of primary key or subkey; nothing if there is none.
    std::function<std::optional<Secret>(const std::string& fingerprint_or_id)> secret;
    /// The fingerprints of all keys of ours, old ones too: for messages that do not name their
    /// recipients (RFC 4880 §5.1).
    std::function<std::vector<std::string>()> ids;
  };

  struct Settings {
    std::filesystem::path directory;  ///< made if missing, mode 0700
    std::uint32_t processes = 4;
    std::uint64_t plaintext_octets = 200U << 20U;
  };
  /// Throws Error{ours} with what to do if gpg is missing, too old, or the directory is not usable.
  Gpg(Settings settings, SecretSource secrets);
  Gpg(const Gpg&) = delete;
  Gpg& operator=(const Gpg&) = delete;
  /// Ends the agent that it started.
  ~Gpg();

  // --- reading keys; nothing is imported (STANDARDS §4.3.4)

  /// Bounds of what is read of a stranger.
  struct KeyLimits {
    std::size_t octets = std::size_t{64} << 10U;
    std::size_t keys = 1;
    std::size_t user_ids = 10;
    std::size_t subkeys = 20;
  };
  /// The keys in armoured or binary octets; `octets` of each is what came in. What is over a limit,
  /// and what cannot be read, is left out and said in `trouble`.
  struct Read {
    std::vector<OpenPgpKey> keys;
    std::string trouble;  ///< empty if all was read; what to do about it, for an operator
  };
  [[nodiscard]] Read read(std::string_view octets, const KeyLimits& limits) const;
  /// The only key of `octets` cut down to what is needed to encrypt to `address` (minimal: this
  /// user id, its own signatures, its subkeys), through a home of its own that is thrown away.
  /// Nothing if it does not name the address.
  [[nodiscard]] std::optional<OpenPgpKey> minimal(const OpenPgpKey& key,
                                                  const Address& address) const;

  // --- our own keys

  enum class Kind { curve25519, rsa3072, rsa4096 };
  struct Pair {
    OpenPgpKey key;
    Secret secret;  ///< transferable secret key, binary, without passphrase
  };
  /// A new key with one user id, a signing primary key and an encryption subkey.
  [[nodiscard]] Pair make(const Address& address, const std::string& name, Kind kind,
                          std::chrono::seconds life) const;
  /// A secret key from elsewhere, its passphrase taken off. Throws Error{peer} with what is wrong
  /// with it: no secret key, several, wrong passphrase, v5 or v6.
  [[nodiscard]] Pair take(std::string_view octets, const Secret& passphrase) const;
  /// The same key valid for `life` from now on, with all its subkeys.
  [[nodiscard]] Pair prolong(const Secret& secret, std::chrono::seconds life) const;
  /// The same key, revoked; `reason` is public.
  [[nodiscard]] OpenPgpKey revoke(const Secret& secret, const std::string& reason) const;

  // --- messages (RFC 3156 leaves to RFC 4880 what is in the parts)

  struct Signed {
    std::string armoured;  ///< detached, binary type, SHA-256 or better
    std::string digest;    ///< as for micalg: "pgp-sha512"
  };
  [[nodiscard]] Signed sign(const Octets& entity, const OpenPgpKey& key) const;
  /// Every signature of a detached `signature` over `covered`. Only keys in `candidates` count;
  /// empty if there is no signature in it at all.
  [[nodiscard]] std::vector<OpenPgpSignature> verify(std::string_view signature,
                                                     std::string_view covered,
                                                     std::span<const OpenPgpKey> candidates) const;
  /// Armoured; to the encryption subkey of each that is fit at `at`. Signing it, if wanted, is done
  /// before (RFC 3156 §6.1).
  [[nodiscard]] std::string encrypt(const Octets& entity, std::span<const OpenPgpKey> recipients,
                                    Time at) const;
  [[nodiscard]] OpenPgpDecrypted decrypt(std::string_view message,
                                         std::span<const OpenPgpKey> candidates) const;

  /// A key of ours is no longer to be used: takes it off the workbench.
  void forget(const std::string& fingerprint) const;

 private:
  std::unique_ptr<gpg::Bench> bench_;
};

}  // namespace siegel::pki
