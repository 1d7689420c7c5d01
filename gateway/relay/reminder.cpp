#include "gateway/relay/reminder.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/random.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/encode.h"
#include "gateway/mail/transfer_encoding.h"
#include "gateway/relay/reminder_words.h"
#include "gateway/smtp/envelope_id.h"

namespace siegel::relay {
namespace {

using pki::enrol::Matter;
using pki::enrol::Occasion;

constexpr std::size_t reason_limit = 300;

/// In what language a person reads: the two texts differ in nothing else.
struct Language {
  std::string_view head, by, since, to_do, reason, last;
  std::string Words::*words;
};

const Language& german() {
  static const Language language{
      "Für die Zertifikate dieser Postfächer ist etwas zu tun. Die Befehle gibt Ihre PKI-Stelle;\n"
      "reichen Sie ihr diese Nachricht weiter, wenn Sie es nicht selbst sind.",
      "bis",
      "wartet seit",
      "Zu tun",
      "Grund",
      "Diese Nachricht kommt von selbst; jeder Punkt wird in jeder Stufe einmal gemeldet.",
      &Words::german};
  return language;
}

const Language& english() {
  static const Language language{
      "Something has to be done for the certificates of these mailboxes. The commands are for\n"
      "your PKI office; hand this message on to it if that is not you.",
      "by",
      "waits since",
      "To do",
      "Reason",
      "This message comes by itself; each point is told once at each of its steps.",
      &Words::english};
  return language;
}

/// Of what went wrong only: it may be what an authority has written.
std::string reason_of(const Matter& matter, const Language& language) {
  if (matter.occasion != Occasion::refused || matter.request->reason.empty()) return {};
  return fmt::format("    {}: {}\n", language.reason,
                     printable(mail::clean_text(matter.request->reason), reason_limit));
}

std::string line_of(const Matter& matter, const Language& language) {
  std::string text = fmt::format("{}  {}\n    {} {}", matter.mailbox.str(),
                                 purpose_words(matter.purpose).*language.words, language.by,
                                 rfc3339_date(matter.due));
  if (matter.request)
    text += fmt::format("; {} {}", language.since, rfc3339_date(matter.request->since));
  text += fmt::format("\n    {}\n", what_is_the_matter(matter).*language.words);
  text += reason_of(matter, language);
  text += fmt::format("    {}: {}\n        {}\n", language.to_do,
                      what_to_do(matter).*language.words, next_command(matter));
  return text;
}

std::string section(const Reminder& reminder, const Language& language) {
  std::string text = fmt::format("{}\n\n", language.head);
  for (const Matter& matter : reminder.matters) text += line_of(matter, language) + '\n';
  return text + fmt::format("{}\n\n", language.last);
}

std::string text_of(const Reminder& reminder) {
  const std::string text = section(reminder, german()) + "* * *\n\n" +
                           section(reminder, english()) +
                           fmt::format("-- \n{}\n", mail::clean_text(reminder.our_name));
  std::string proper;
  for (const char c : text) proper += c == '\n' ? "\r\n" : std::string(1, c);
  return proper;
}

std::string subject_of(const Reminder& reminder) {
  const std::size_t count = reminder.matters.size();
  const bool is_one = count == 1;
  return fmt::format(
      "{} {} / {} {}", count,
      is_one ? "Zertifikat braucht Aufmerksamkeit" : "Zertifikate brauchen Aufmerksamkeit", count,
      is_one ? "certificate needs attention" : "certificates need attention");
}

}  // namespace

Blob write_reminder(const Reminder& reminder) {
  std::string octets = mail::make_field("Date", rfc5322_date(reminder.now));
  octets += "From: " + mail::clean_text(reminder.from.str()) + "\r\n";
  octets += "To: " + mail::clean_text(reminder.to.str()) + "\r\n";
  octets += mail::make_field("Subject", subject_of(reminder));
  octets += mail::make_structured_field("Message-ID",
                                        fmt::format("<{}@{}>", random_hex(16), reminder.our_name));
  octets +=
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "Content-Language: de, en\r\n\r\n";
  return Blob(octets + mail::to_quoted_printable(text_of(reminder)));
}

mail::Envelope envelope_of(const Reminder& reminder) {
  mail::Envelope envelope;
  envelope.id = smtp::new_envelope_id(reminder.now);
  envelope.side = config::Side::inside;
  envelope.client_ip = "127.0.0.1";
  envelope.client_helo = reminder.our_name;
  envelope.received = reminder.now;
  envelope.reverse_path = reminder.from;
  envelope.recipients.push_back({reminder.to});
  envelope.smtputf8 = reminder.from.is_international() || reminder.to.is_international();
  return envelope;
}

}  // namespace siegel::relay
