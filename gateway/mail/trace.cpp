#include "gateway/mail/trace.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"

namespace siegel::mail {
namespace {

constexpr std::size_t helo_limit = 255;  // RFC 5321 §4.5.3.1.2

/// The client's own words: only what a domain or an address literal is made of.
std::string harmless(std::string_view said) {
  constexpr std::string_view marks = ".-:[]_";
  std::string text(said.substr(0, helo_limit));
  std::ranges::replace_if(
      text,
      [&](char c) {
        return !ascii::is_alpha(c) && !ascii::is_digit(c) &&
               marks.find(c) == std::string_view::npos;
      },
      '?');
  return text.empty() ? "unknown" : text;
}

// RFC 5321 §4.1.3: an IPv6 address is tagged.
std::string address_literal(std::string_view ip) {
  const bool is_ipv6 = ip.find(':') != std::string_view::npos;
  return fmt::format("[{}{}]", is_ipv6 ? "IPv6:" : "", harmless(ip));
}

// RFC 3848 §1, RFC 6531 §4.3.
std::string_view protocol(const Envelope& envelope) {
  if (envelope.smtputf8) return envelope.tls ? "UTF8SMTPS" : "UTF8SMTP";
  return envelope.tls ? "ESMTPS" : "ESMTP";
}

}  // namespace

std::string received_field(const Envelope& envelope, const std::string& our_name) {
  // RFC 5321 §4.4: From-domain with the TCP-info, By-domain, With, ID; and a date.
  return fmt::format("Received: from {} ({})\r\n\tby {} with {} id {};\r\n\t{}\r\n",
                     harmless(envelope.client_helo), address_literal(envelope.client_ip),
                     harmless(our_name), protocol(envelope), harmless(envelope.id),
                     rfc5322_date(envelope.received));
}

std::size_t hops(const Entity& top) {
  return top.count("Received");
}

}  // namespace siegel::mail
