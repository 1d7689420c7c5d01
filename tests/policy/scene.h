#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/policy/decide.h"
#include "pki/local_ca.h"
#include "pki/ring.h"
#include "tests/support/manual_clock.h"

namespace siegel::tests {

inline Address address(const std::string& text) {
  return Address::parse(text).value();
}
inline AddressPattern pattern(const std::string& text) {
  return AddressPattern::parse(text).value();
}

/// One authority and one key for all tests of this program: making them is what costs time.
struct Authority {
  Time now = *parse_rfc3339("2026-06-01T12:00:00Z");
  pki::LocalCa ca = pki::LocalCa::make("Test", "Test CA", pki::KeyType::p256, now);
  pki::PrivateKey key = pki::PrivateKey::generate(pki::KeyType::p256);

  /// Issued once for each mailbox and kept.
  [[nodiscard]] const pki::Certificate& certificate(const std::string& mailbox) {
    const auto known = issued.find(mailbox);
    if (known != issued.end()) return known->second;
    const pki::Issue wanted{.common_name = mailbox,
                            .addresses = {mailbox},
                            .not_before = now - std::chrono::days(1),
                            .not_after = now + std::chrono::days(365)};
    return issued.emplace(mailbox, ca.issue(wanted, key)).first->second;
  }
  std::map<std::string, pki::Certificate> issued;

  static Authority& instance() {
    static Authority authority;
    return authority;
  }
};

/// A key by its name alone: deciding looks at none of its octets.
inline pki::OpenPgpKey openpgp_key(const std::string& mailbox) {
  pki::OpenPgpKey key{.octets = "key of " + mailbox, .subkeys = {{}}, .user_ids = {}};
  key.subkeys.front().fingerprint = mailbox;
  return key;
}

/// A little language for decisions: who has keys, what the rules say, what comes out.
struct Scene {
  config::Config config;
  mail::Envelope envelope;
  policy::Verdict verdict;
  pki::Ring ring;
  std::string head =
      "From: bauamt@stadt.example\r\nTo: anna@buerger.example\r\nSubject: Antrag\r\n";
  std::string body = "Text\r\n";

  Scene() {
    config.name = "gateway.stadt.example";
    config.domains = {"stadt.example"};
    config.postmaster = "postmaster@stadt.example";
    envelope.id = "test1";
    envelope.side = config::Side::inside;
    envelope.reverse_path = address("bauamt@stadt.example");
    envelope.recipients = {{address("anna@buerger.example")}};
    ring.why_no_signer = "no certificate";
  }
  Scene& rule(config::OutgoingRule added) {
    added.line = static_cast<std::uint32_t>(config.rules.outgoing.size()) + 1;
    config.rules.outgoing.push_back(std::move(added));
    return *this;
  }
  Scene& signs() {
    Authority& authority = Authority::instance();
    const Address mailbox = address("bauamt@stadt.example");
    ring.signer =
        pki::SigningKey{mailbox, authority.certificate(mailbox.str()), {}, authority.key, {}};
    return *this;
  }
  Scene& has_key(const std::string& peer) {
    ring.peers.emplace(
        address(peer),
        pki::PeerKey{address(peer), Authority::instance().certificate(peer), {}, {}});
    return *this;
  }
  /// What this mailbox and its peers have of OpenPGP; there is none until one of these is called.
  Scene& signs_openpgp() {
    openpgp().signer = openpgp_key("bauamt@stadt.example");
    openpgp().own_encryption = openpgp().signer;
    return *this;
  }
  Scene& has_openpgp_key(pki::OpenPgpPeer peer) {
    openpgp().peers.insert_or_assign(peer.address, std::move(peer));
    return *this;
  }
  Scene& has_openpgp_key(const std::string& peer) {
    return has_openpgp_key({address(peer), openpgp_key(peer)});
  }
  [[nodiscard]] pki::OpenPgpRing& openpgp() {
    if (!ring.openpgp) {
      ring.openpgp.emplace().why_no_signer = "no OpenPGP key";
      config.openpgp.emplace();
    }
    return *ring.openpgp;
  }
  Scene& to(const std::vector<std::string>& recipients) {
    envelope.recipients.clear();
    for (const std::string& each : recipients) envelope.recipients.push_back({address(each)});
    return *this;
  }
  Scene& field(const std::string& line) {
    head += line + "\r\n";
    return *this;
  }
  Scene& subject(const std::string& text) {
    head = "From: bauamt@stadt.example\r\nTo: anna@buerger.example\r\nSubject: " + text + "\r\n";
    return *this;
  }
  [[nodiscard]] policy::Decision decide() const {
    const auto message = mail::Message::parse(Blob(head + "\r\n" + body));
    return policy::decide(config, envelope, message, verdict, ring);
  }
  /// The decision of a message with one route.
  [[nodiscard]] policy::Route route() const { return decide().routes.at(0); }
};

}  // namespace siegel::tests
