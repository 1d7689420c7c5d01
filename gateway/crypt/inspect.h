#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "gateway/mail/message.h"
#include "gateway/policy/verdict.h"
#include "pki/keys.h"
#include "pki/openpgp_keys.h"

namespace siegel::crypt {

/// What we found in a message: the verdict, and what came to light on the way.
struct Inspection {
  policy::Verdict verdict;
  /// The content of the decrypted layers, as a message of its own: still signed, if it was signed
  /// inside. Set only if every encryption layer was opened with its integrity intact (EFAIL).
  std::optional<mail::Message> opened;
  /// What the signer's certificates are worth keeping for; only from a good verdict.
  std::vector<pki::Harvested> harvest;
  /// The same for OpenPGP: keys that came along or stand in the field Autocrypt. Each says by its
  /// provenance what it is worth.
  std::vector<pki::HarvestedOpenPgp> harvest_openpgp;
  /// Why keys are missing in `harvest_openpgp`: gpg does not work, or what it cannot read.
  std::string harvest_trouble;
  /// The topmost certificate of a signature that was good but for an unknown root (pending list).
  std::optional<pki::Certificate> unknown_root;
  /// Whose revocation status should be asked for in the background.
  std::vector<pki::StatusNeed> wanted;
};

/// Which OpenPGP keys that a message brings along are looked at, to be kept for replies.
enum class KeysToKeep { none, attached, all };  // all: that of the field Autocrypt too

/// Where and when: `message_id` is our id, `at` the time of receipt (STANDARDS §2.8).
struct Receipt {
  std::string message_id;
  Time at;
  KeysToKeep openpgp = KeysToKeep::all;
};

/// Peels the layers of a message (STANDARDS §2.6): at most one decryption, four layers. Never
/// throws for what is in the message; throws Error{world} if `keys` cannot be asked, and where gpg
/// does not work what it throws, if a layer is of OpenPGP. Never touches the network.
[[nodiscard]] Inspection inspect(const mail::Message& message, const pki::Keys& keys,
                                 const config::SmimeSettings& settings, const Receipt& receipt);

}  // namespace siegel::crypt
