#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "pki/store.h"

namespace siegel::pki {

/// A certificate of one of our mailboxes as the database keeps it, its key still sealed.
struct OwnEntry {
  Address mailbox;
  CertificateUse use = CertificateUse::both;
  Certificate certificate;
  std::string sealed;       ///< empty if there is no private key
  bool is_retired = false;  ///< only decrypts
};

/// What the sealed text of a private key is bound to, so that it opens in its own row only.
[[nodiscard]] std::string seal_identity(const std::string& key_id);

/// All certificates of our mailboxes, found by mailbox and by what a CMS RecipientInfo names.
/// Immutable but for its memory of unsealed keys; thread-safe.
class OwnKeys {
 public:
  OwnKeys(std::vector<OwnEntry> entries, Seal seal);

  [[nodiscard]] const std::vector<OwnEntry>& all() const noexcept { return entries_; }
  /// Those of one mailbox, newest first. If it has none, and `settings` fold local parts, those of
  /// the mailbox that differs in case only.
  [[nodiscard]] std::vector<const OwnEntry*> of(const Address& mailbox,
                                                const config::SmimeSettings& settings) const;
  /// Nothing if we have no such certificate with its key.
  [[nodiscard]] const OwnEntry* find(const RecipientId& recipient) const;
  /// Unseals at the first call for a key; one that lives in a token is opened in `token`. REQUIRES:
  /// the entry has a key. Throws Error{ours} if it does not open: wrong key-encryption key, altered
  /// in the database, or not in the token.
  [[nodiscard]] PrivateKey key(const OwnEntry& entry,
                               const std::optional<config::TokenSettings>& token) const;

 private:
  std::vector<OwnEntry> entries_;  // newest first
  std::unordered_multimap<std::string, std::size_t> by_mailbox_;
  std::unordered_map<std::string, std::size_t> by_identifier_;
  Seal seal_;
  mutable Guarded<std::map<std::string, PrivateKey>> unsealed_;
};

/// How far the tables were when they were read.
struct Generations {
  std::int64_t trust = 0, mailbox = 0;
};

/// Everything about our own keys and our trust, as it was at one moment. Peers are not in it: there
/// may be very many, they are looked up by address when needed.
class Snapshot {
 public:
  /// Lists that were parsed already, by digest: a list of 50 MB is not read again because a root
  /// was added.
  using Lists = std::map<std::string, Crl>;
  struct Parts {
    Generations generations;
    std::shared_ptr<const config::Config> config;
    std::shared_ptr<const Trust> trust;
    Lists lists;
    std::shared_ptr<const OwnKeys> own;
  };

  explicit Snapshot(Parts parts) : parts_(std::move(parts)) {}
  /// Reads what differs from `previous` (may be null). The clock outlives what is read.
  static std::shared_ptr<const Snapshot> load(const Database& database, const Seal& seal,
                                              const Clock& clock, const Snapshot* previous,
                                              std::shared_ptr<const config::Config> config);
  static Generations generations(const Database& database);

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }
  [[nodiscard]] bool serves(const Generations& now, const config::Config& config) const noexcept {
    return parts_.generations.trust >= now.trust && parts_.generations.mailbox >= now.mailbox &&
           parts_.config.get() == &config;
  }

  [[nodiscard]] std::optional<SigningKey> signer(const Address& mailbox, Time at) const;
  /// True if this is the entry that signs for its mailbox.
  [[nodiscard]] bool signs(const OwnEntry& entry, Time at) const {
    return best(entry.mailbox, Purpose::sign, at) == &entry;
  }
  [[nodiscard]] std::string why_no_signer(const Address& mailbox, Time at) const;
  [[nodiscard]] std::optional<Certificate> encryption(const Address& mailbox, Time at) const;
  [[nodiscard]] std::optional<DecryptionKey> decryptor(const RecipientId& recipient) const;

 private:
  /// What our trust says of an own certificate, good for a minute: an own certificate is asked for
  /// with every message.
  struct Standing {
    Time judged;
    bool revoked = false;
    std::vector<Certificate> chain;
  };
  [[nodiscard]] std::shared_ptr<const Standing> standing(const OwnEntry& entry, Time at) const;
  [[nodiscard]] std::shared_ptr<const Standing> judge(const OwnEntry& entry, Time at) const;
  [[nodiscard]] const OwnEntry* best(const Address& mailbox, Purpose purpose, Time at) const;
  [[nodiscard]] bool is_usable(const OwnEntry& entry, Time at) const;
  [[nodiscard]] std::string why_unusable(const OwnEntry& entry, Time at) const;

  Parts parts_;
  mutable Guarded<std::map<std::string, std::shared_ptr<const Standing>>> standings_;
};

}  // namespace siegel::pki
