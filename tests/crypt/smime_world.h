#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/crypt/smime.h"
#include "pki/local_ca.h"
#include "tests/crypt/keyring.h"

/// A small world for S/MIME tests: an authority with an office below it, people with certificates,
/// and a gateway that trusts the authority. Everything happens at one moment.
namespace siegel::tests {

inline Time noon() {
  return *parse_rfc3339("2026-06-01T12:00:00Z");
}
inline constexpr std::chrono::hours one_day{24};

/// Someone with a key and a certificate.
struct Party {
  Address address;
  pki::PrivateKey key;
  pki::Certificate certificate;
  std::vector<pki::Certificate> chain;

  [[nodiscard]] pki::SigningKey signer() const {
    return {address, certificate, chain, key, std::nullopt};
  }
  [[nodiscard]] pki::PeerKey peer(pki::Capabilities capabilities = {}) const {
    return {address, certificate, capabilities, pki::Provenance::harvested};
  }
};

/// Keys are costly to make; one of each kind serves the whole test program.
const pki::PrivateKey& shared_key(pki::KeyType type);
/// An RSA key of any length.
pki::PrivateKey rsa_key(unsigned int bits);
/// A key whose type says rsassaPss, so that it may do nothing else.
pki::PrivateKey pss_key();

class World {
 public:
  explicit World(Time now = noon());

  [[nodiscard]] Party person(const std::string& mail, pki::KeyType type = pki::KeyType::p256,
                             pki::Usage usage = pki::Usage::both) const;
  /// The same with a key of one's own.
  [[nodiscard]] Party person(const std::string& mail, const pki::PrivateKey& key) const;
  [[nodiscard]] Party person(const pki::Issue& issue, const pki::PrivateKey& key) const;

  [[nodiscard]] const pki::LocalCa& root() const { return root_; }
  [[nodiscard]] const pki::LocalCa& office() const { return office_; }

  /// What the gateway believes: the root, with fresh revocation lists that list `revoked`.
  [[nodiscard]] pki::Trust::Material material(
      const std::vector<pki::Certificate>& revoked = {}) const;
  [[nodiscard]] const pki::Trust& trust() const { return trust_; }

 private:
  Time now_;
  pki::LocalCa root_, office_;
  pki::Trust trust_;
};

/// One world for all tests of a program, at noon.
const World& world();
/// Another at the present time: programs of others write the clock's time into what they sign.
const World& present();

/// A certificate like `original`, changed by `change`, and signed anew by the world's office.
pki::Certificate altered(const pki::Certificate& original, void (*change)(X509*));

inline const std::string mail_entity =
    "Content-Type: text/plain; charset=utf-8\r\n\r\nSehr geehrte Damen und Herren,\r\n";

inline Octets octets(const std::string& text) {
  return Octets(Blob(text));
}

}  // namespace siegel::tests
