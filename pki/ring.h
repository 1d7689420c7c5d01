#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pki/keys.h"
#include "pki/openpgp_keys.h"

namespace siegel::pki {

/// The OpenPGP keys that matter for one outgoing message.
struct OpenPgpRing {
  std::optional<OpenPgpKey> signer;
  std::string why_no_signer;
  std::optional<OpenPgpKey> own_encryption;
  std::map<Address, OpenPgpPeer> peers;
};

/// The keys that matter for one outgoing message, looked up once, before anything is decided: what
/// was decided is done with the very same keys.
struct Ring {
  std::optional<SigningKey> signer;
  std::string why_no_signer;
  std::optional<Certificate> own_encryption;
  std::map<Address, PeerKey> peers;    ///< the best usable key of each recipient that has one
  std::optional<OpenPgpRing> openpgp;  ///< nothing where OpenPGP is not set up
};

/// Throws Error{world} if `keys` cannot be asked: a look-up that fails is never "none".
[[nodiscard]] Ring gather(const Keys& keys, const std::optional<Address>& author,
                          const std::vector<Address>& recipients, Time at);

}  // namespace siegel::pki
