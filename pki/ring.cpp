#include "pki/ring.h"

namespace siegel::pki {
namespace {

constexpr const char* no_author = "the message names no single author";

/// The best key of each recipient that has one.
template <typename Peer, typename Source>
std::map<Address, Peer> best_of(const Source& keys, const std::vector<Address>& recipients,
                                Time at) {
  std::map<Address, Peer> best;
  for (const Address& recipient : recipients) {
    if (best.contains(recipient)) continue;
    auto usable = keys.peers(recipient, at);
    if (!usable.empty()) best.emplace(recipient, std::move(usable.front()));
  }
  return best;
}

OpenPgpRing gather(const OpenPgpKeys& keys, const std::optional<Address>& author,
                   const std::vector<Address>& recipients, Time at) {
  OpenPgpRing ring;
  if (author) {
    ring.signer = keys.signer(*author, at);
    if (!ring.signer) ring.why_no_signer = keys.why_no_signer(*author, at);
    ring.own_encryption = keys.own_encryption(*author, at);
  } else {
    ring.why_no_signer = no_author;
  }
  ring.peers = best_of<OpenPgpPeer>(keys, recipients, at);
  return ring;
}

}  // namespace

Ring gather(const Keys& keys, const std::optional<Address>& author,
            const std::vector<Address>& recipients, Time at) {
  Ring ring;
  if (author) {
    ring.signer = keys.signer(*author, at);
    if (!ring.signer) ring.why_no_signer = keys.why_no_signer(*author, at);
    ring.own_encryption = keys.own_encryption(*author, at);
  } else {
    ring.why_no_signer = no_author;
  }
  ring.peers = best_of<PeerKey>(keys, recipients, at);
  if (const OpenPgpKeys* openpgp = keys.openpgp())
    ring.openpgp = gather(*openpgp, author, recipients, at);
  return ring;
}

}  // namespace siegel::pki
