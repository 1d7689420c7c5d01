#pragma once

#include <string>

#include "base/address.h"
#include "gateway/policy/demand.h"
#include "gateway/policy/verdict.h"
#include "pki/ring.h"

/// S/MIME or OpenPGP: what a message to one recipient is encrypted and signed with. Pure.
namespace siegel::policy {

/// The key that a recipient is written to: at most one of the two, none if there is none to use.
/// It points into the ring.
struct KeyChoice {
  const pki::PeerKey* smime = nullptr;
  const pki::OpenPgpPeer* openpgp = nullptr;
  std::string remark{};  ///< why this one, where that is not plain; a sentence about the recipient

  [[nodiscard]] bool is_none() const { return smime == nullptr && openpgp == nullptr; }
};

/// What a choice is made from.
struct ChoiceOfKey {
  const pki::Ring& ring;
  const Demand& demand;
  const Address& recipient;
  /// The mail must be signed, so that a key by whose scheme the mailbox cannot sign is second best.
  bool must_be_signed = false;
};

/// The rule's `scheme` decides; with last_used, in this order: keys that somebody has vouched for
/// (admin, directory, harvested) before found ones, those before what a sender has only said of
/// himself; the key that was seen last; the better rank; S/MIME.
///
/// A key that is known by Autocrypt alone is used where encryption is required; where it is only
/// if-possible, not unless its owner asks for it (prefer-encrypt=mutual).
[[nodiscard]] KeyChoice choose_key(const ChoiceOfKey& from);

/// How a message is signed that goes out by `choice`: by the scheme of its encryption; in clear by
/// S/MIME if the mailbox can, else by OpenPGP.
[[nodiscard]] Scheme signing_scheme(const KeyChoice& choice, const pki::Ring& ring);

/// True if the mailbox has a key to sign with.
[[nodiscard]] bool can_sign(const pki::Ring& ring, Scheme scheme);

}  // namespace siegel::policy
