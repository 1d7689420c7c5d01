#pragma once

#include <string>
#include <vector>

#include "gateway/smtp/outcome.h"
#include "gateway/spool/spool.h"
#include "tests/support/manual_clock.h"

namespace siegel::tests {

inline mail::Recipient to(const std::string& address, mail::Notify notify = {}) {
  return {Address::parse(address).value(), notify, {}};
}

/// NOTIFY as written in SMTP (RFC 3461 §4.1), in short: "never", or any of "sfd".
inline mail::Notify notify(const std::string& what) {
  if (what == "never") return {true, false, false, false};
  const auto has = [&](char letter) { return what.find(letter) != std::string::npos; };
  return {false, has('s'), has('f'), has('d')};
}

/// From anna@stadt.example towards the world, arrived when ManualClock starts.
inline spool::Consignment from_anna(const std::string& id,
                                    const std::vector<mail::Recipient>& recipients) {
  spool::Consignment consignment;
  consignment.envelope.id = id;
  consignment.envelope.side = config::Side::inside;
  consignment.envelope.received = ManualClock().now();
  consignment.envelope.reverse_path = Address::parse("anna@stadt.example");
  consignment.envelope.recipients = recipients;
  return consignment;
}

/// The fate of one recipient. Unless nobody was reached, mx.world.example says it.
inline smtp::Outcome fate(const mail::Recipient& recipient, smtp::Outcome::Kind kind,
                          const std::string& status = {},
                          const std::string& host = "mx.world.example") {
  return {recipient, kind, status, host, status + " said the host"};
}

}  // namespace siegel::tests
