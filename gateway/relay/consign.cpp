#include "gateway/relay/consign.h"

#include <array>

namespace siegel::relay {
namespace {

config::Side side_of(const config::Config& config, const mail::Recipient& recipient) {
  return config.is_ours(recipient.address) ? config::Side::inside : config::Side::world;
}

}  // namespace

std::vector<spool::Consignment> consign(const config::Config& config,
                                        const mail::Envelope& envelope,
                                        const policy::Route& route) {
  std::vector<spool::Consignment> consignments;
  for (const config::Side side : std::array{config::Side::inside, config::Side::world}) {
    spool::Consignment consignment;
    consignment.envelope = envelope;
    // what we decrypted must not come back in a report. Asked for by RET=HDRS (RFC 3461
    // §4.3), it binds the next host's reports as well as ours.
    if (route.treatment.open) consignment.envelope.return_headers_only = true;
    consignment.envelope.recipients.clear();
    for (const mail::Recipient& recipient : route.recipients) {
      if (side_of(config, recipient) == side) consignment.envelope.recipients.push_back(recipient);
    }
    if (consignment.envelope.recipients.empty()) continue;
    consignment.towards = side;
    consignment.confidential = route.confidential;
    consignment.held = route.action == policy::Action::hold;
    consignment.reason = route.reason;
    consignments.push_back(std::move(consignment));
  }
  return consignments;
}

}  // namespace siegel::relay
