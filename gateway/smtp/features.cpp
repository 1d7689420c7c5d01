#include "gateway/smtp/features.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/ascii.h"

namespace siegel::smtp {
namespace {

bool has_8bit(std::string_view octets) {
  constexpr std::size_t block = 4096;  // no branch within: the compiler takes many octets at once
  for (std::size_t start = 0; start < octets.size(); start += block) {
    unsigned char seen = 0;
    for (const char octet : octets.substr(start, block))
      seen = static_cast<unsigned char>(seen | static_cast<unsigned char>(octet));
    if ((seen & 0x80U) != 0) return true;
  }
  return false;
}

std::string_view header_of(std::string_view message) {
  return message.substr(0, message.find("\r\n\r\n"));
}

// RFC 3461 §5.2.1: what the sender asked goes on; our default is the one that a host assumes when
// nothing is said.
std::string notify_of(const mail::Notify& notify) {
  if (notify.never) return " NOTIFY=NEVER";
  if (!notify.success && notify.failure && notify.delay) return {};
  std::string conditions;
  const auto add = [&](bool wanted, std::string_view word) {
    if (!wanted) return;
    if (!conditions.empty()) conditions += ',';
    conditions += word;
  };
  add(notify.success, "SUCCESS");
  add(notify.failure, "FAILURE");
  add(notify.delay, "DELAY");
  return conditions.empty() ? " NOTIFY=NEVER" : " NOTIFY=" + conditions;
}

}  // namespace

Features Features::parse(const std::vector<std::string>& lines) {
  Features features;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const std::string_view keyword = line.substr(0, line.find(' '));
    const auto is = [&](std::string_view name) {
      return ascii::equals_ignoring_case(keyword, name);
    };
    if (is("STARTTLS")) features.starttls = true;
    if (is("DSN")) features.dsn = true;
    if (is("8BITMIME")) features.eight_bit = true;
    if (is("SMTPUTF8")) features.smtputf8 = true;
    if (!is("SIZE")) continue;
    features.size = true;
    const std::string_view limit = ascii::trim(line.substr(keyword.size()));
    std::from_chars(limit.data(), limit.data() + limit.size(), features.size_limit);
  }
  return features;
}

Needs Needs::of(const mail::Envelope& envelope, const Blob& octets) {
  Needs needs;
  needs.octets = octets.size();
  needs.eight_bit = has_8bit(octets.view());
  needs.utf8_header = needs.eight_bit && envelope.smtputf8 && has_8bit(header_of(octets.view()));
  return needs;
}

std::string mail_command(const mail::Envelope& envelope, const Needs& needs,
                         const Features& features) {
  std::string line = "MAIL FROM:<";
  if (envelope.reverse_path) line += envelope.reverse_path->str();
  line += '>';
  if (features.size) line += " SIZE=" + std::to_string(needs.octets);
  if (features.eight_bit) line += needs.eight_bit ? " BODY=8BITMIME" : "";
  const bool international = envelope.reverse_path && envelope.reverse_path->is_international();
  if (features.smtputf8 && (envelope.smtputf8 || international)) line += " SMTPUTF8";
  if (!features.dsn) return line;  // RFC 3461 §5.2.2: not to a host that does not know them
  if (envelope.return_headers_only) line += " RET=HDRS";
  if (!envelope.envid.empty()) line += " ENVID=" + envelope.envid;
  return line;
}

std::string rcpt_command(const mail::Recipient& recipient, const Features& features) {
  std::string line = "RCPT TO:<" + recipient.address.str() + '>';
  if (!features.dsn) return line;
  line += notify_of(recipient.notify);
  const bool sendable = features.smtputf8 || !has_8bit(recipient.original);  // RFC 6533 §3
  if (!recipient.original.empty() && sendable) line += " ORCPT=" + recipient.original;
  return line;
}

}  // namespace siegel::smtp
