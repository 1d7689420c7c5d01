#include "gateway/relay/keyless.h"

#include <algorithm>

#include "gateway/mail/fields.h"
#include "gateway/policy/demand.h"
#include "gateway/policy/intent.h"

namespace siegel::relay {
namespace {

using config::SchemeChoice;

/// What only its owner has said (Autocrypt) is no key here: anybody can plant one, and a directory
/// outranks it. The ring has the best key of each recipient.
template <typename Peer>
bool holds(const std::map<Address, Peer>& peers, const Address& address) {
  const auto found = peers.find(address);
  return found != peers.end() && found->second.provenance != pki::Provenance::autocrypt;
}

bool has_key(const pki::Ring& ring, const Address& address, SchemeChoice scheme) {
  if (scheme != SchemeChoice::openpgp_only && holds(ring.peers, address)) return true;
  return scheme != SchemeChoice::smime_only && ring.openpgp && holds(ring.openpgp->peers, address);
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
    if (config.is_ours(address)) continue;
    const policy::Demand demand =
        policy::demand_for(config.rules, intent, {from, address, author.address.has_value()});
    if (demand.encrypt == config::EncryptDemand::never) continue;
    if (!has_key(ring, address, demand.scheme)) found.push_back(address);
  }
  return found;
}

std::vector<Address> stranded(const policy::Decision& decision,
                              const std::vector<Address>& keyless) {
  std::vector<Address> found;
  for (const policy::Route& route : decision.routes) {
    const bool leaves_as_it_came =
        route.action == policy::Action::relay && !route.treatment.encrypts();
    if (!route.confidential || leaves_as_it_came) continue;
    for (const mail::Recipient& recipient : route.recipients) {
      if (std::ranges::find(keyless, recipient.address) != keyless.end())
        found.push_back(recipient.address);
    }
  }
  return found;
}

}  // namespace siegel::relay
