#include "gateway/smtp/client.h"

#include "gateway/smtp/conversation.h"

namespace siegel::smtp {

std::vector<Outcome> deliver_smtp(const config::Delivery& hop, const std::string& our_name,
                                  const mail::Envelope& envelope, const Blob& octets) {
  return Conversation(hop, our_name, ClientTimeouts{}).deliver(envelope, octets);
}

std::vector<Outcome> deliver(const config::Delivery& hop, const std::string& our_name,
                             const mail::Envelope& envelope, const Blob& octets) {
  if (hop.to.kind == config::NextHop::Kind::maildir) return deliver_maildir(hop, envelope, octets);
  return deliver_smtp(hop, our_name, envelope, octets);
}

}  // namespace siegel::smtp
