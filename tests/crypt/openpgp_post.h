#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "pki/openpgp_keys.h"
#include "tests/crypt/post.h"
#include "tests/support/temporary_directory.h"

/// OpenPGP letters: what others write with the gpg command line, and what our gateway knows.
namespace siegel::tests {

/// The present: programs of others write the clock's time into what they make.
Time now();

// --- the others

/// Somebody's gpg, used as its manual says.
class GpgHome {
 public:
  GpgHome();
  GpgHome(const GpgHome&) = delete;
  GpgHome& operator=(const GpgHome&) = delete;
  ~GpgHome();

  /// What gpg writes for `words` when `input` is its last argument, a file. Throws if it fails.
  std::string make(std::vector<std::string> words, const std::string& input) const;
  /// Runs gpg without a file. Throws if it fails.
  void run(std::vector<std::string> words) const;

  /// A new ed25519 key with an encryption subkey; its user id is all that names it.
  void new_key(const std::string& user_id, const std::vector<std::string>& more = {}) const;
  void import(const pki::OpenPgpKey& key) const;
  void revoke(const std::string& user) const;
  [[nodiscard]] std::string exported(const std::string& user) const;  ///< binary
  [[nodiscard]] std::string signature(const std::string& entity,
                                      const std::vector<std::string>& words) const;

 private:
  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> words) const;

  TemporaryDirectory folder_;
};

/// Anna's gpg: one key that names her, one of mallory's.
const GpgHome& annas_home();
inline const std::string anna_id = "Anna Huber <anna@buerger.example>";
inline const std::string mallory_id = "Mallory <mallory@world.example>";

// --- the gateway

/// The OpenPGP part of the keys, in memory, over a real gpg.
class HandOpenPgpKeys final : public pki::OpenPgpKeys {
 public:
  explicit HandOpenPgpKeys(std::uint64_t plaintext_octets = 1U << 20U);

  /// Makes a key for one of our mailboxes.
  const pki::OpenPgpKey& own(const std::string& mailbox);
  /// A key that came from `home`, known in this way.
  void know(const std::string& address, const std::string& key, pki::Provenance provenance);
  /// One that waits for an admin.
  void suspect(const std::string& address, const std::string& key);
  [[nodiscard]] pki::OpenPgpKey read(const std::string& octets) const;
  [[nodiscard]] int secrets_asked() const { return secrets_asked_; }

  [[nodiscard]] std::optional<pki::OpenPgpKey> signer(const Address& mailbox,
                                                      Time at) const override;
  [[nodiscard]] std::string why_no_signer(const Address&, Time) const override { return {}; }
  [[nodiscard]] std::optional<pki::OpenPgpKey> own_encryption(const Address& mailbox,
                                                              Time at) const override;
  [[nodiscard]] std::vector<pki::OpenPgpPeer> peers(const Address& address, Time at) const override;
  [[nodiscard]] std::vector<pki::OpenPgpPeer> known(const Address& address) const override;
  pki::Learned learn(const pki::HarvestedOpenPgp&, Time) override { return pki::Learned::ignored; }
  [[nodiscard]] const pki::Gpg& gpg() const override { return gpg_; }

 private:
  [[nodiscard]] std::optional<pki::Secret> find(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> ids() const;

  TemporaryDirectory folder_;
  std::map<Address, pki::Gpg::Pair> own_;
  std::vector<pki::OpenPgpPeer> usable_, pending_;
  mutable std::atomic<int> secrets_asked_ = 0;
  pki::Gpg gpg_;
};

/// A gateway that has OpenPGP beside S/MIME, at the present time; bauamt's key is there.
class OpenPgpDesk {
 public:
  OpenPgpDesk();
  [[nodiscard]] crypt::Inspection sees(const std::string& text) const { return desk.sees(text); }
  [[nodiscard]] policy::Verdict verdict(const std::string& text) const {
    return sees(text).verdict;
  }
  [[nodiscard]] std::string summary(const std::string& text) const { return desk.summary(text); }

  HandOpenPgpKeys keys;
  Desk desk;
};

// --- entities

inline const std::string us_text =
    "Content-Type: text/plain; charset=us-ascii\r\n\r\nSehr geehrte Damen und Herren,\r\nbitte "
    "sehr.\r\n";

/// multipart/signed around `entity` with any signature (RFC 3156 §5).
std::string pgp_mime_signed(const std::string& entity, const std::string& signature);
/// The same, signed by anna.
std::string signed_by_anna(const std::string& entity = us_text,
                           const std::vector<std::string>& more = {});
/// multipart/encrypted around armoured octets (RFC 3156 §4).
std::string pgp_mime_encrypted(const std::string& armoured);
/// application/pgp-keys.
std::string key_part(const std::string& key);

}  // namespace siegel::tests
