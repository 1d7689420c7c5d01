#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/database.h"
#include "base/guarded.h"
#include "config/config.h"
#include "pki/audit.h"
#include "pki/import.h"
#include "pki/keys.h"
#include "pki/seal.h"
#include "pki/stored_key.h"

namespace siegel::pki {

struct Mailbox {
  Address address;
  std::string display_name;
  Time created{};
};

enum class CertificateUse { sign, encrypt, both };

/// A certificate of one of our mailboxes, for lists.
struct OwnCertificate {
  Address mailbox;
  CertificateUse use = CertificateUse::both;
  Certificate certificate;
  bool has_key = false;
  bool signs_now = false;   ///< it is the one that signs at present
  bool is_retired = false;  ///< taken out of service; its key only decrypts
};

struct PendingRoot {
  Certificate certificate;
  Address seen_from;
  Time first_seen, last_seen;
  std::int64_t count = 0;
};

/// A peer key as stored: with how it came and why it was believed.
struct PeerRecord {
  std::int64_t id = 0;
  PeerKey key;
  bool pending = false;  ///< not used until approved
  std::string why, message_id;
  Time first_seen, last_seen, signing_time;
};

/// What came of importing a bundle for a mailbox.
struct Imported {
  std::vector<Certificate> installed;  ///< with their key
  std::vector<Certificate> present;    ///< were installed already; nothing was changed
  std::vector<Certificate> chain;      ///< authority certificates, kept as path helpers
  std::vector<std::string> remarks;    ///< what was not taken, each with why and what to do
};

/// When a configured revocation list was last asked for, and what came of it.
struct ListState {
  Time tried;
  Time fetched;         ///< last success; 1970 if there was none yet
  std::string trouble;  ///< of the last attempt; empty if it went well
};

/// A certificate whose revocation status should be asked for, and how far that has come.
struct WantedStatus {
  StatusNeed need;
  Time noted;
  Time tried;  ///< 1970 if not yet
  std::int64_t attempts = 0;
  std::string trouble;  ///< of the last attempt
};

class OpenPgpStore;
class Snapshot;

/// The Keys of one tenant in the database; private keys sealed. Thread-safe; a change by another
/// process (the CLI) is seen at the next call, through the table `change`.
class KeyStore final : public Keys {
 public:
  /// Applies pki's migrations. `config` gives settings of trust, harvest and revocation.
  KeyStore(Database& database, Seal seal, std::shared_ptr<const config::Config> config,
           const Clock& clock);
  ~KeyStore() override;

  /// Takes the settings of a reloaded configuration.
  void use(std::shared_ptr<const config::Config> config);
  /// Who gives the orders that follow, for the audit; by_operator unless told. To be said before
  /// other threads use the store.
  void act_for(std::string actor);

  // Keys
  [[nodiscard]] std::shared_ptr<const Trust> trust() const override;
  [[nodiscard]] std::optional<SigningKey> signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::string why_no_signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::optional<Certificate> own_encryption(const Address& mailbox,
                                                          Time at) const override;
  [[nodiscard]] std::optional<DecryptionKey> decryptor(const RecipientId& recipient) const override;
  [[nodiscard]] std::vector<PeerKey> peers(const Address& address, Time at) const override;
  Learned learn(const Harvested& harvested, Time at) override;
  /// The list holds at most 500; the rarest and longest unseen makes room.
  void note_unknown_root(const Certificate& topmost, const Address& seen_from, Time at) override;

  /// Those that the settings allow to ask for; the list is shared by all processes, holds at most
  /// 1,000, and what was noted longest ago makes room.
  void note_wanted(std::span<const StatusNeed> needs, Time at) override;

  /// There is one if the configuration had the section openpgp when this was made.
  [[nodiscard]] OpenPgpKeys* openpgp() override;
  [[nodiscard]] const OpenPgpKeys* openpgp() const override;
  /// The same, with what operators do.
  [[nodiscard]] OpenPgpStore* openpgp_store() { return openpgp_.get(); }
  [[nodiscard]] const OpenPgpStore* openpgp_store() const { return openpgp_.get(); }

  // mailboxes and their certificates
  /// False if it was there already.
  bool add_mailbox(const Address& address, const std::string& display_name);
  [[nodiscard]] std::vector<Mailbox> mailboxes() const;
  /// Checks each certificate (key fits, address, usage, chain) and stores what is right; the rest
  /// is a remark. The private keys are sealed in the same transaction. `ignore_trust` takes
  /// certificates of an authority that is no anchor here (others may well trust it); revoked, weak
  /// or unfit ones are never taken. Throws Error{peer} if there is no such mailbox.
  Imported import(const Address& mailbox, const Bundle& bundle, bool ignore_trust = false);
  [[nodiscard]] std::vector<OwnCertificate> own_certificates() const;

  // trust
  /// Again with the same certificate: takes the new mode and label. Throws Error{peer} if it is not
  /// a self-signed authority.
  void add_anchor(const Anchor& anchor);
  /// A helper for path building, believed by nobody. Throws Error{peer} if it is no authority.
  void add_intermediate(const Certificate& certificate);
  /// By fingerprint, or a prefix of at least 8 digits. False if there is none; throws Error{peer}
  /// if several fit.
  bool remove_anchor(const std::string& fingerprint);
  [[nodiscard]] std::vector<Anchor> anchors() const;
  [[nodiscard]] std::vector<PendingRoot> pending_roots() const;
  /// Makes a pending root an anchor. Throws Error{peer} if there is none of this fingerprint (a
  /// prefix of at least 8 digits will do) or it is no self-signed authority.
  void approve_root(const std::string& fingerprint);

  // peers
  /// All, or those of one address.
  [[nodiscard]] std::vector<PeerRecord> peer_records(const std::optional<Address>& address) const;
  /// With Provenance::admin: it is used whatever its issuer, as long as it is valid, fit and not
  /// revoked. Throws Error{peer} if it never can be used for this.
  void add_peer(const Address& address, const Certificate& certificate);
  /// From now on it is used, and before the others of its rank. Throws Error{peer} if there is no
  /// such peer key.
  void approve_peer(std::int64_t id);
  bool forget_peer(std::int64_t id);
  /// the addresses whose last usable key, a certificate or an OpenPGP key, has expired since
  /// the previous call; each becomes an event. For the housekeeper, who tells the operator.
  std::vector<Address> note_expired_peers(Time at);

  // revocation lists
  enum class CrlTaken {
    newer,
    same,
    rollback,  ///< older than what we have: refused (R-66)
    foreign,   ///< not signed by an anchor or intermediate of ours: refused
    unusable,  ///< by an algorithm that anybody can forge, or with a critical extension that we do
               ///< not know: it would say nothing, and must not displace one that does
  };
  /// Keeps `crl` if it supersedes what is stored for its issuer, scope and the key that signed it
  /// . `vouched` are authorities that are no intermediates of ours but on a trusted path.
  CrlTaken keep_crl(const Crl& crl, const std::string& source,
                    std::span<const Certificate> vouched = {});
  /// Nothing if this source was never asked.
  [[nodiscard]] std::optional<ListState> list_state(const std::string& source) const;
  void note_list(const std::string& source, const ListState& state);

  // private keys apart from certificates, for enrolment
  /// Seals `key` in the transaction of `session`; a key that is there already stays. `event` says
  /// who made it for whom.
  void keep_key(Database::Session& session, const PrivateKey& key, const Event& event) const;
  /// Token::generate in the configured token. Throws Error{ours} if there is none.
  [[nodiscard]] PrivateKey make_key_in_token(KeyType type, const std::string& label) const;
  /// Nothing if it is not there (any more).
  [[nodiscard]] std::optional<PrivateKey> own_key(const std::string& key_id) const;
  /// For good; certificates of it stay. Nothing happens if it is not there. One that lives in a
  /// token is doomed: no longer used, and clear_token() takes it out.
  void destroy_key(Database::Session& session, const std::string& key_id, const Event& event) const;
  /// A certificate with this key is installed, in service or not.
  [[nodiscard]] static bool has_certificate(Database::Session& session, const std::string& key_id);
  /// The same in a transaction of its own.
  void destroy_key(const std::string& key_id, const Event& event);
  /// A certificate with this key is installed and not retired.
  [[nodiscard]] static bool serves(Database::Session& session, const std::string& key_id);
  /// Takes out of the token, with their public halves, the keys that were destroyed here. What was
  /// interrupted goes on at the next call. Throws what Token does; those left stay doomed.
  void clear_token();
  /// All keys, those in the token too, by place and id.
  [[nodiscard]] KeyInventory key_inventory() const;
  /// Dooms an orphan of the inventory, and clears the token.
  void destroy_orphan(const StoredKey& orphan, const Event& event);
  /// From now on the certificate neither signs nor is encrypted to; its key still decrypts. False
  /// if there is no such certificate or it was retired already.
  bool retire(const std::string& fingerprint, const Event& event);
  /// The same in the transaction of `session`.
  static bool retire(Database::Session& session, const std::string& fingerprint, const Event& event,
                     Time at);

  // OCSP
  /// What was noted, the least recently tried first.
  [[nodiscard]] std::vector<WantedStatus> wanted_statuses() const;
  void settle_wanted(const StatusNeed& need);
  void note_attempt(const StatusNeed& need, Time at, const std::string& trouble);
  enum class AnswerTaken {
    newer,
    same,
    rollback,  ///< older than what we have, or would undo a revocation: refused (R-66)
  };
  /// Keeps an answer that was read and checked; a revocation becomes an event.
  AnswerTaken keep_answer(const OcspAnswer& answer, const StatusNeed& about,
                          const std::string& source);
  /// Needs of yesterday, good answers of last week, and whatever is about certificates that have
  /// expired a month ago.
  void forget_old_statuses();

  /// Rows of helpers, pending roots, peers and wanted statuses that could not be read since the
  /// last call and were passed over, each as a sentence: for the housekeeper's alarm.
  [[nodiscard]] std::vector<std::string> take_damaged() const;

  // audit
  /// The newest events, newest first.
  [[nodiscard]] std::vector<TrustEvent> trust_events(std::size_t at_most = 1000) const;
  /// Reads the whole audit, as it stands at one moment, and recomputes its chain. `noted` is the
  /// digest of an entry that was the last one once.
  [[nodiscard]] AuditCheck check_audit(const std::string& noted = {}) const;

 private:
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
  [[nodiscard]] std::shared_ptr<const config::Config> settings() const;

  Database& database_;
  Seal seal_;
  const Clock& clock_;
  std::string actor_ = by_operator;
  Guarded<std::shared_ptr<const config::Config>> config_;
  mutable Guarded<std::shared_ptr<const Snapshot>> snapshot_;
  std::unique_ptr<OpenPgpStore> openpgp_;
};

}  // namespace siegel::pki
