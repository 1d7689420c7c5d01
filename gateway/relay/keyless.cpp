#include "gateway/relay/keyless.h"

#include <algorithm>

#include "gateway/mail/fields.h"
#include "gateway/policy/demand.h"
#include "gateway/policy/intent.h"

namespace siegel::relay {
namespace {

bool has_key(const pki::Ring& ring, const Address& address) {
  return ring.peers.contains(address) || (ring.openpgp && ring.openpgp->peers.contains(address));
}

}  // namespace

std::vector<Address> keyless(const config::Config& config, const mail::Envelope& envelope,
                             const mail::Message& message, const pki::Ring& ring) {
  if (envelope.side != config::Side::inside) return {};
  const mail::Author author = mail::author(message.top());
  const std::optional<Address> from = author.address ? author.address : envelope.reverse_path;
  const policy::Intent intent = policy::read_intent(message.top(), config.tags);
  std::vector<Address> found;
  for (const mail::Recipient& recipient : envelope.recipients) {
    const Address& address = recipient.address;
    if (config.is_ours(address) || has_key(ring, address)) continue;
    const policy::Demand demand =
        policy::demand_for(config.rules, intent, {from, address, author.address.has_value()});
    if (demand.encrypt != config::EncryptDemand::never) found.push_back(address);
  }
  return found;
}

std::vector<Address> stranded(const policy::Decision& decision,
                              const std::vector<Address>& keyless) {
  std::vector<Address> found;
  for (const policy::Route& route : decision.routes) {
    if (route.action == policy::Action::relay || !route.confidential) continue;
    for (const mail::Recipient& recipient : route.recipients) {
      if (std::ranges::find(keyless, recipient.address) != keyless.end())
        found.push_back(recipient.address);
    }
  }
  return found;
}

}  // namespace siegel::relay
