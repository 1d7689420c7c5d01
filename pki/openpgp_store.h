#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/database.h"
#include "base/guarded.h"
#include "config/config.h"
#include "pki/audit.h"
#include "pki/openpgp_keys.h"
#include "pki/openpgp_reading.h"
#include "pki/openpgp_weigh.h"
#include "pki/seal.h"

namespace siegel::pki {

namespace sql {
struct OpenPgpPeerRow;
}

enum class OpenPgpState {
  in_use,   ///< signs, and others encrypt to it, as long as it has not expired
  retired,  ///< taken out of service: only decrypts
  revoked,  ///< only decrypts; whoever asks for it gets it with its revocation
};
[[nodiscard]] std::string_view name(OpenPgpState state) noexcept;

/// An OpenPGP key of one of our mailboxes, for lists.
struct OwnOpenPgpKey {
  Address mailbox;
  std::string fingerprint;
  std::string algorithm;  ///< of the primary key: "ed25519"
  OpenPgpState state = OpenPgpState::in_use;
  Time created{};
  std::optional<Time> expires{};  ///< when it no longer encrypts; nothing: never
  Time added{};
};

struct StoredOwnOpenPgp {
  OwnOpenPgpKey record;
  OpenPgpKey key;
};

/// The OpenPGP keys of one tenant in the database; secret keys sealed. Thread-safe; a change by
/// another process (the CLI) is seen at the next call, through the table `change`. gpg is started
/// when it is first needed.
class OpenPgpStore final : public OpenPgpKeys {
 public:
  /// REQUIRES: `config` has the section openpgp, and pki's migrations are applied.
  OpenPgpStore(Database& database, Seal seal, std::shared_ptr<const config::Config> config,
               const Clock& clock);
  ~OpenPgpStore() override;

  /// Takes the settings of a reloaded configuration; those of gpg stay as they are.
  void use(std::shared_ptr<const config::Config> config);
  /// As KeyStore::act_for.
  void act_for(std::string actor) { actor_ = std::move(actor); }

  // OpenPgpKeys
  [[nodiscard]] std::optional<OpenPgpKey> signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::string why_no_signer(const Address& mailbox, Time at) const override;
  [[nodiscard]] std::optional<OpenPgpKey> own_encryption(const Address& mailbox,
                                                         Time at) const override;
  [[nodiscard]] std::vector<OpenPgpPeer> peers(const Address& address, Time at) const override;
  /// Also those of our own mailboxes and of the address' whole domain.
  [[nodiscard]] std::vector<OpenPgpPeer> known(const Address& address) const override;
  /// What is kept is cut down to what encrypting to the address needs (Gpg::minimal).
  Learned learn(const HarvestedOpenPgp& harvested, Time at) override;
  /// Made at the first call: throws what its constructor does.
  [[nodiscard]] const Gpg& gpg() const override;

  // our own keys; each goes into service only after it has signed, verified, encrypted and
  // decrypted
  /// Throws Error{peer} if there is no such mailbox. `name` stands before the address.
  OwnOpenPgpKey make(const Address& mailbox, const std::string& name, Gpg::Kind kind);
  /// A secret key from elsewhere, armoured or binary. One that has ended, or is revoked, only
  /// decrypts; one that is here already takes the new octets. Throws Error{peer} with what is wrong
  /// with it, or if it does not name the mailbox.
  OwnOpenPgpKey import(const Address& mailbox, std::string_view octets, const Secret& passphrase);
  [[nodiscard]] std::vector<OwnOpenPgpKey> own_keys() const;
  /// All of one mailbox, the newest first, or nothing if gpg cannot read it.
  [[nodiscard]] std::vector<StoredOwnOpenPgp> own_keys_of(const Address& mailbox) const;
  /// Throws Error{peer} if there is none with this fingerprint, or it is not in use.
  void retire(const std::string& fingerprint);
  /// For good. `reason` is public. Throws as retire(); one that is retired may be revoked.
  void revoke(const std::string& fingerprint, const std::string& reason);
  /// Valid for as long as a new key from now on. Throws as retire().
  OwnOpenPgpKey prolong(const std::string& fingerprint);
  /// For good: nothing that was encrypted to it can be read any more.
  void destroy(const std::string& fingerprint, const std::string& reason);

  // peers
  /// All, or those of one address.
  [[nodiscard]] std::vector<OpenPgpPeerRecord> peer_records(
      const std::optional<Address>& address) const;
  /// Which addresses an admin's key may be added for.
  enum class Naming { demanded, waived };
  /// With Provenance::admin. Throws Error{peer} if it never can be used for this; a key for a whole
  /// domain ("*@domain") need not name an address.
  OpenPgpPeerRecord add_peer(const Address& address, const OpenPgpKey& key, Naming naming);
  /// From now on it is used, and before the others of its rank. False if there is no such number.
  bool approve_peer(std::int64_t id);
  bool forget_peer(std::int64_t id);

 private:
  /// What was read, by folded address, as long as the tables are of this generation.
  template <typename Entry>
  struct Shelf {
    using Entries = std::shared_ptr<const std::vector<Entry>>;
    const char* topic;
    std::int64_t generation = 0;
    std::map<std::string, Entries> read{};
  };
  /// The keys of ours that gpg may have on its workbench.
  struct AtHand {
    std::int64_t generation = 0;
    std::vector<std::string> fingerprints{};
  };

  [[nodiscard]] std::shared_ptr<const config::Config> settings() const;
  template <typename Entry, typename Read>
  [[nodiscard]] typename Shelf<Entry>::Entries remembered(Guarded<Shelf<Entry>>& shelf,
                                                          const std::string& folded,
                                                          const Read& read) const;
  [[nodiscard]] std::vector<StoredOpenPgpPeer> peers_of(const Address& address) const;
  [[nodiscard]] std::vector<StoredOpenPgpPeer> read_peers(
      const std::vector<sql::OpenPgpPeerRow>& rows) const;
  [[nodiscard]] std::optional<Learned> learn_once(HarvestedOpenPgp harvested, Time at) const;
  [[nodiscard]] std::optional<Secret> secret(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> fingerprints() const;
  void clear_workbench() const;
  [[nodiscard]] Secret secret_of(const std::string& fingerprint) const;
  void test(const Gpg::Pair& pair) const;
  [[nodiscard]] OwnOpenPgpKey keep(const Address& mailbox, const Gpg::Pair& pair,
                                   const Event& event);
  [[nodiscard]] std::vector<OwnOpenPgpKey> in_state(
      const std::string& fingerprint, std::initializer_list<OpenPgpState> allowed) const;
  /// Nothing if it has no user id for the address; the whole key if it is revoked.
  [[nodiscard]] std::optional<OpenPgpKey> cut_down(const OpenPgpKey& key,
                                                   const Address& address) const;
  [[nodiscard]] OpenPgpKey demand_cut_down(const OpenPgpKey& key, const Address& address) const;
  void carry_out(Database::Session& session, OpenPgpLesson& lesson,
                 const HarvestedOpenPgp& harvested, Time at) const;

  Database& database_;
  Seal seal_;
  const Clock& clock_;
  std::string actor_ = by_operator;
  Guarded<std::shared_ptr<const config::Config>> config_;
  mutable Guarded<Shelf<StoredOwnOpenPgp>> own_;
  mutable Guarded<Shelf<StoredOpenPgpPeer>> peers_;
  mutable Guarded<AtHand> at_hand_;
  mutable Guarded<std::vector<const Gpg::Pair*>> trials_;  ///< being tried before they are kept
  mutable Guarded<std::unique_ptr<Gpg>> gpg_;
  OpenPgpReading reading_;
};

}  // namespace siegel::pki
