#include "pki/keys.h"

namespace siegel::pki {

std::string_view name(Learned learned) noexcept {
  switch (learned) {
    case Learned::added:
      return "added";
    case Learned::refreshed:
      return "refreshed";
    case Learned::unchanged:
      return "unchanged";
    case Learned::pending:
      return "pending";
    case Learned::ignored:
      return "ignored";
  }
  return "ignored";
}

Ring gather(const Keys& keys, const std::optional<Address>& author,
            const std::vector<Address>& recipients, Time at) {
  Ring ring;
  if (author) {
    ring.signer = keys.signer(*author, at);
    if (!ring.signer) ring.why_no_signer = keys.why_no_signer(*author, at);
    ring.own_encryption = keys.own_encryption(*author, at);
  } else {
    ring.why_no_signer = "the message names no single author";
  }
  for (const Address& recipient : recipients) {
    if (ring.peers.contains(recipient)) continue;
    auto usable = keys.peers(recipient, at);
    if (!usable.empty()) ring.peers.emplace(recipient, std::move(usable.front()));
  }
  return ring;
}

}  // namespace siegel::pki
