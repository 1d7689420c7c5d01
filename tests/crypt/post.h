#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/crypt/inspect.h"
#include "gateway/crypt/transform.h"
#include "tests/crypt/smime_world.h"

/// Letters to and from a gateway: the little language of the tests of inspect, annotate and
/// transform.
namespace siegel::tests {

inline const std::string anna_address = "anna@buerger.example";
inline const std::string text_entity =
    "Content-Type: text/plain; charset=utf-8\r\n\r\nSehr geehrte Damen und Herren,\r\nbitte "
    "sehr.\r\n";

// --- entities

std::string signed_by(const Party& party, const std::string& entity = text_entity);
std::string opaquely_signed_by(const Party& party, const std::string& entity = text_entity);
/// A multipart/signed around any entity; `cms` is the DER of the signature.
std::string multipart_signed(const std::string& entity, const std::string& cms,
                             const std::string& preamble = {}, const std::string& epilogue = {});
/// application/pkcs7-mime around any DER.
std::string pkcs7_mime(const std::string& cms, const std::string& smime_type);
/// DER of a SignedData without a signer, only with the party's certificate.
std::string certificates_only(const Party& party);
std::string encrypted_to(const Party& party, const std::string& entity, bool authenticated = true);
std::string mixed(const std::vector<std::string>& parts);
/// message/rfc822 around a whole message.
std::string attached(const std::string& message);

// --- messages

/// A whole message: fields for all readers, and the entity with its Content-* fields.
std::string letter_from(const std::string& from, const std::string& entity,
                        const std::string& more_fields = {});
inline std::string letter(const std::string& entity, const std::string& more_fields = {}) {
  return letter_from("Anna Huber <" + anna_address + ">", entity, more_fields);
}

mail::Message parsed(const std::string& text);
std::string text_of(const Octets& octets);

// --- the gateway

/// Trust and decryption keys in memory. Counts how often a key was asked for.
class HandKeys final : public pki::Keys {
 public:
  explicit HandKeys(pki::Trust::Material material)
      : trust_(std::make_shared<const pki::Trust>(std::move(material))) {}

  void hold(const Party& party) { held_.push_back({party.certificate, party.key}); }
  /// Sets OpenPGP up; `keys` must live longer.
  void use(pki::OpenPgpKeys& keys) { openpgp_ = &keys; }
  [[nodiscard]] int times_asked() const { return times_asked_; }

  [[nodiscard]] std::shared_ptr<const pki::Trust> trust() const override { return trust_; }
  [[nodiscard]] std::optional<pki::DecryptionKey> decryptor(
      const pki::RecipientId& id) const override;
  [[nodiscard]] std::optional<pki::SigningKey> signer(const Address&, Time) const override {
    return {};
  }
  [[nodiscard]] std::string why_no_signer(const Address&, Time) const override { return {}; }
  [[nodiscard]] std::optional<pki::Certificate> own_encryption(const Address&,
                                                               Time) const override {
    return {};
  }
  [[nodiscard]] std::vector<pki::PeerKey> peers(const Address&, Time) const override { return {}; }
  pki::Learned learn(const pki::Harvested&, Time) override { return pki::Learned::ignored; }
  void note_unknown_root(const pki::Certificate&, const Address&, Time) override {}
  void note_wanted(std::span<const pki::StatusNeed>, Time) override {}
  [[nodiscard]] pki::OpenPgpKeys* openpgp() override { return openpgp_; }
  [[nodiscard]] const pki::OpenPgpKeys* openpgp() const override { return openpgp_; }

 private:
  std::shared_ptr<const pki::Trust> trust_;
  std::vector<pki::DecryptionKey> held_;
  pki::OpenPgpKeys* openpgp_ = nullptr;
  mutable int times_asked_ = 0;
};

/// What a gateway sees: `Desk().sees(letter(signed_by(anna)))`.
class Desk {
 public:
  Desk() : Desk(world().material()) {}
  explicit Desk(pki::Trust::Material material) : keys(std::move(material)) {}
  /// One that can decrypt what is encrypted to `owner`.
  explicit Desk(const Party& owner) : Desk() { keys.hold(owner); }

  [[nodiscard]] crypt::Inspection sees(const std::string& text) const {
    return crypt::inspect(parsed(text), keys, settings, {"m1", at});
  }
  [[nodiscard]] std::string summary(const std::string& text) const {
    return std::string(name(sees(text).verdict.summary()));
  }

  HandKeys keys;
  config::SmimeSettings settings;
  Time at = noon();
};

/// One that holds no key, for all tests that only read.
inline const Desk& desk() {
  static const Desk shared;
  return shared;
}

/// Anna, whom the world's office has certified.
const Party& anna();
/// A mailbox of ours that can decrypt.
const Party& bauamt();
/// An authority that nobody trusts, an office below it, and a certificate of that for anna's
/// address.
const pki::LocalCa& stranger_authority();
const pki::LocalCa& stranger_office();
Party stranger(const std::string& mail = anna_address);

/// Somebody whose certificate of the world's office names these addresses, clean or not, or none.
Party certified_for(const std::vector<std::string>& addresses);

/// One string of all notes and reasons.
std::string remarks(const policy::Verdict& verdict);

}  // namespace siegel::tests
