#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/local_ca.h"
#include "pki/trust.h"
#include "tests/pki/forge.h"

/// A small PKI for tests: a root, an authority below it, and mailboxes with P-256 keys. Made once
/// per program.
namespace siegel::tests {

inline const Time noon = *parse_rfc3339("2026-06-01T12:00:00Z");
constexpr std::chrono::hours day{24};

inline const pki::LocalCa& root() {
  static const auto ca =
      pki::LocalCa::make("Freistaat", "Wurzel 2026", pki::KeyType::p256, noon - 100 * day);
  return ca;
}

inline const pki::LocalCa& authority() {
  static const auto ca = root().subordinate("Behörden-CA 1", pki::KeyType::p256, noon - 90 * day);
  return ca;
}

inline const pki::PrivateKey& mailbox_key() {
  static const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  return key;
}

/// A certificate of bauamt@stadt.example, valid around noon.
inline pki::Issue bauamt(pki::Usage usage = pki::Usage::both) {
  return {"GRP: Bauamt", {"bauamt@stadt.example"}, usage, noon - 30 * day, noon + 300 * day};
}

/// That certificate, once for all tests that only judge it.
inline const pki::Certificate& mailbox() {
  static const auto certificate = authority().issue(bauamt(), mailbox_key());
  return certificate;
}

/// The same as a forgery, to which a test adds what is wrong with it.
inline Forgery false_bauamt() {
  Forgery forgery;
  forgery.san_emails = {"bauamt@stadt.example"};
  forgery.not_before = noon - 30 * day;
  forgery.not_after = noon + 300 * day;
  return forgery;
}

inline Forgery false_root() {
  Forgery forgery;
  forgery.common_name = "Falsche Wurzel";
  forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"},
                        {"keyUsage", "critical,keyCertSign,cRLSign"},
                        {"subjectKeyIdentifier", "hash"}};
  forgery.not_before = noon - 100 * day;
  forgery.not_after = noon + 1000 * day;
  return forgery;
}

/// A list of `ca` that is up to date at noon.
inline pki::Crl fresh_list(const pki::LocalCa& ca,
                           const std::vector<pki::Certificate>& revoked = {}) {
  return ca.revoke(revoked, 1, noon - day, noon + 7 * day);
}

/// Believes in root(), knows authority(), and has fresh empty lists of both.
inline pki::Trust::Material belief() {
  pki::Trust::Material material;
  material.anchors = {{root().certificate(), config::RevocationMode::hard_fail, "Freistaat"}};
  material.intermediates = {authority().certificate()};
  material.crls = {fresh_list(root()), fresh_list(authority())};
  return material;
}

inline pki::PathResult judge(const pki::Trust::Material& material, const pki::Certificate& leaf,
                             Time at = noon) {
  return pki::Trust(material).validate(leaf, {}, pki::Purpose::sign, at);
}

}  // namespace siegel::tests
