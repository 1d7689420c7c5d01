#pragma once

#include <vector>

#include "base/blob.h"
#include "config/config.h"
#include "gateway/mail/envelope.h"
#include "gateway/smtp/outcome.h"

namespace siegel::smtp {

/// Hands one message to a fixed next hop (RFC 5321 client): EHLO, STARTTLS as demanded, MAIL with
/// SIZE, BODY, SMTPUTF8, RET and ENVID as the host offers, RCPT with NOTIFY and ORCPT, DATA with
/// dot-stuffing. Line ends on the wire are CRLF only. One Outcome per recipient, in their order.
/// Never throws for what the remote host does; timeouts of RFC 5321 §4.5.3.2 apply. `octets` that
/// hold 8-bit characters for a host without 8BITMIME end as refused 5.6.3; an international address
/// for a host without SMTPUTF8 as refused 5.6.7.
[[nodiscard]] std::vector<Outcome> deliver_smtp(const config::Delivery& hop,
                                                const std::string& our_name,
                                                const mail::Envelope& envelope, const Blob& octets);

/// Writes the message into a maildir (tmp/ → new/), envelope in Return-Path and X-Original-To
/// fields: a next hop for the demo and for tests.
[[nodiscard]] std::vector<Outcome> deliver_maildir(const config::Delivery& hop,
                                                   const mail::Envelope& envelope,
                                                   const Blob& octets);

/// Either of the two, by hop.to.kind.
[[nodiscard]] std::vector<Outcome> deliver(const config::Delivery& hop, const std::string& our_name,
                                           const mail::Envelope& envelope, const Blob& octets);

}  // namespace siegel::smtp
