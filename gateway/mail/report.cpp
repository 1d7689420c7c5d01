#include "gateway/mail/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/random.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/encode.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/survey.h"
#include "gateway/mail/transfer_encoding.h"
#include "gateway/mail/xtext.h"

namespace siegel::mail {
namespace {

using Action = RecipientReport::Action;

constexpr std::size_t diagnostic_limit = 900;  // one reply of several lines; keeps the field short

std::string_view action_word(Action action) {  // RFC 3464 §2.3.3
  switch (action) {
    case Action::failed:
      return "failed";
    case Action::delayed:
      return "delayed";
    case Action::delivered:
      return "delivered";
    case Action::relayed:
      return "relayed";
  }
  return "failed";
}

struct Wording {
  std::string_view subject, german, english;
};

const Wording& wording(Action action) {
  static constexpr Wording failed{"Nachricht nicht zugestellt / Message not delivered",
                                  "Ihre Nachricht konnte nicht zugestellt werden an:",
                                  "Your message could not be delivered to:"};
  static constexpr Wording delayed{
      "Zustellung verzögert / Delivery delayed",
      "Ihre Nachricht konnte noch nicht zugestellt werden. Sie müssen nichts tun: "
      "die Zustellung wird weiter versucht. Betroffen ist:",
      "Your message could not be delivered yet. You need not do anything: "
      "delivery will be tried again. Affected:"};
  static constexpr Wording delivered{
      "Nachricht zugestellt / Message delivered",
      "Ihre Nachricht wurde zugestellt an:", "Your message was delivered to:"};
  static constexpr Wording relayed{
      "Nachricht weitergeleitet / Message relayed",
      "Ihre Nachricht wurde an einen Server übergeben, der keine Zustellbestätigung gibt:",
      "Your message was handed to a server that gives no delivery receipts:"};
  switch (action) {
    case Action::failed:
      return failed;
    case Action::delayed:
      return delayed;
    case Action::delivered:
      return delivered;
    case Action::relayed:
      return relayed;
  }
  return failed;
}

/// What the subject tells: the worst that happened to any recipient.
Action worst(const Report& report) {
  Action found = Action::relayed;
  for (const RecipientReport& one : report.recipients) found = std::min(found, one.action);
  return found;
}

enum class Language { german, english };

std::string describe(const RecipientReport& one, Language language) {
  const bool is_german = language == Language::german;
  std::string text = fmt::format("  {}\n", one.recipient.address.str());
  const auto& advice = is_german ? one.advice_de : one.advice_en;
  if (!advice.empty()) text += fmt::format("    {}\n", clean_text(advice));
  if (!one.diagnostic.empty()) {
    const std::string who = clean_text(one.remote_host);
    const std::string_view words = is_german ? "Antwort" : "Reply";
    text += fmt::format("    {}{}{}: {}\n", words, who.empty() ? "" : " / ", who,
                        clean_text(one.diagnostic));
  }
  return text;
}

std::string section(const Report& report, Language language) {
  const bool is_german = language == Language::german;
  std::string text;
  for (const Action action :
       {Action::failed, Action::delayed, Action::delivered, Action::relayed}) {
    std::string described;
    for (const RecipientReport& one : report.recipients) {
      if (one.action == action) described += describe(one, language);
    }
    const Wording& words = wording(action);
    if (!described.empty())
      text += fmt::format("{}\n\n{}\n", is_german ? words.german : words.english, described);
  }
  if (report.will_retry_until) {
    text += fmt::format("{} {}\n\n", is_german ? "Letzter Versuch:" : "Last attempt:",
                        rfc5322_date(*report.will_retry_until));
  }
  return text;
}

/// The part for people. RFC 3464 §2: its text is free.
std::string text_part(const Report& report) {
  std::string text = section(report, Language::german);
  text += "* * *\n\n" + section(report, Language::english);
  text += fmt::format("* * *\n\n{} ({})\n", clean_text(report.our_name), clean_text(report.id));
  std::string proper;
  for (const char c : text) proper += c == '\n' ? "\r\n" : std::string(1, c);
  return "Content-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n"
         "Content-Language: de, en\r\n\r\n" +
         to_quoted_printable(proper);
}

/// `type; address` as RFC 3464 §2.3.2 wants it; RFC 6533 §3 for an address beyond ASCII.
std::string typed_address(const Address& address) {
  if (!address.is_international()) return "rfc822; " + address.str();
  return "utf-8; " + to_utf8_address_xtext(address.str());
}

std::string original_recipient(const std::string& orcpt) {
  // RFC 3461 §4.2: "type;xtext"; RFC 3464 §2.3.1 wants the address decoded.
  const auto semicolon = orcpt.find(';');
  if (semicolon == std::string::npos) return {};
  const auto address = from_xtext(std::string_view(orcpt).substr(semicolon + 1));
  if (!address) return {};
  return make_structured_field("Original-Recipient", orcpt.substr(0, semicolon) + "; " + *address);
}

std::string diagnostic(const RecipientReport& one) {
  std::string text = clean_text(one.diagnostic);
  if (text.empty()) return {};
  if (text.size() > diagnostic_limit) {
    text.resize(diagnostic_limit);
    while (!is_utf8(text)) text.pop_back();  // the cut fell into a character
  }
  // RFC 3464 §2.3.6: "smtp" only for what an SMTP server said.
  const std::string_view type = one.remote_host.empty() ? "x-siegel" : "smtp";
  return make_field("Diagnostic-Code", fmt::format("{}; {}", type, text));
}

std::string recipient_fields(const Report& report, const RecipientReport& one) {
  std::string fields = "\r\n" + original_recipient(one.recipient.original);
  fields += make_structured_field("Final-Recipient", typed_address(one.recipient.address));
  fields += make_structured_field("Action", action_word(one.action));
  fields += make_structured_field("Status", one.status);
  if (!one.remote_host.empty())
    fields += make_structured_field("Remote-MTA", "dns; " + one.remote_host);
  fields += diagnostic(one);
  fields += make_structured_field("Last-Attempt-Date", rfc5322_date(report.now));
  if (one.action == Action::delayed && report.will_retry_until)
    fields += make_structured_field("Will-Retry-Until", rfc5322_date(*report.will_retry_until));
  return fields;
}

/// RFC 3464 §2.1: per-message fields, then one group for each recipient.
std::string status_part(const Report& report) {
  std::string part = "Content-Type: message/delivery-status\r\n\r\n";
  const auto envid = from_xtext(report.envid);
  if (envid && !envid->empty()) part += make_structured_field("Original-Envelope-Id", *envid);
  part += make_structured_field("Reporting-MTA", "dns; " + report.our_name);
  part += make_structured_field("Arrival-Date", rfc5322_date(report.arrived));
  for (const RecipientReport& one : report.recipients) part += recipient_fields(report, one);
  return part;
}

/// A label that tells the truth: what we return is not ours to change (RFC 6522 §3).
std::string encoding_field(std::string_view returned) {
  return survey(returned).has_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "";
}

/// What goes back of the message (RFC 6522 §3, §4).
std::string_view returned_octets(const Report& report, const Blob& message) {
  if (report.returned == Returned::message) return message.view();
  return split_entity(message.view()).head.substr(0, head_limit);
}

std::string top_fields(const Report& report, const std::string& boundary) {
  std::string fields = make_field("Date", rfc5322_date(report.now));
  fields += make_structured_field("From", "Mail Delivery System <" + report.from + '>');
  fields += "To: " + clean_text(report.to.str()) + "\r\n";
  fields += make_field("Subject", wording(worst(report)).subject);
  fields +=
      make_structured_field("Message-ID", fmt::format("<{}@{}>", random_hex(16), report.our_name));
  // RFC 3834 §5: so that nobody answers by machine.
  fields += "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n";
  fields +=
      make_structured_field("Content-Type", "multipart/report; report-type=delivery-status; " +
                                                make_parameter("boundary", boundary));
  return fields;
}

}  // namespace

Octets make_report(const Report& report, const Blob& message) {
  const std::string text = text_part(report);
  const std::string status = status_part(report);
  const auto returned = returned_octets(report, message);
  const std::string boundary = make_boundary({text, status, returned});
  const std::string delimiter = "\r\n--" + boundary;
  const std::string encoding = encoding_field(returned);
  const std::string_view type =
      report.returned == Returned::message ? "message/rfc822" : "text/rfc822-headers";

  // RFC 2045 §6.4: the whole is as wide as its widest part.
  Octets octets(Blob(top_fields(report, boundary) + encoding));
  octets.append(delimiter + "\r\n" + text);
  octets.append(delimiter + "\r\n" + status);
  octets.append(fmt::format("{}\r\nContent-Type: {}\r\n{}\r\n", delimiter, type, encoding));
  octets.append(message.slice(returned));
  octets.append(delimiter + "--\r\n");
  return octets;
}

}  // namespace siegel::mail
