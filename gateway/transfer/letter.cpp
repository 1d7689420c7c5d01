#include "gateway/transfer/letter.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/html.h"
#include "base/utf8.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/encode.h"
#include "gateway/mail/transfer_encoding.h"
#include "gateway/smtp/envelope_id.h"
#include "gateway/transfer/sealed_file.h"

namespace siegel::transfer {
namespace {

constexpr std::string_view separator = "* * *";

/// Each line with a mark before it: nobody takes it for ours.
std::string quoted(const std::string& text) {
  std::string result = "> ";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "> ";
  }
  return result + "\n\n";
}

std::string as_text(const Letter& letter) {
  std::string text;
  for (const auto& paragraph : letter.paragraphs) text += paragraph + "\n\n";
  for (const auto& [label, value] : letter.facts) text += fmt::format("{}: {}\n", label, value);
  if (!letter.facts.empty()) text += '\n';
  if (!letter.quoted.empty()) text += quoted(letter.quoted);
  if (!letter.link.empty()) text += fmt::format("{}:\n{}\n\n", letter.link_label, letter.link);
  for (const auto& paragraph : letter.last) text += paragraph + "\n\n";
  return text;
}

std::string with_breaks(const std::string& text) {
  std::string html;
  for (const char c : escaped_html(text))
    html += c == '\n' ? std::string("<br>\n") : std::string(1, c);
  return html;
}

std::string as_html(const Letter& letter, std::string_view language) {
  std::string html = fmt::format("<div lang=\"{}\">\n", language);
  for (const auto& paragraph : letter.paragraphs)
    html += fmt::format("<p>{}</p>\n", escaped_html(paragraph));
  if (!letter.facts.empty()) html += "<table>\n";
  for (const auto& [label, value] : letter.facts)
    html += fmt::format("<tr><th align=\"left\" scope=\"row\">{}</th><td>{}</td></tr>\n",
                        escaped_html(label), escaped_html(value));
  if (!letter.facts.empty()) html += "</table>\n";
  if (!letter.quoted.empty())
    html += fmt::format("<blockquote>{}</blockquote>\n", with_breaks(letter.quoted));
  if (!letter.link.empty())
    html += fmt::format("<p><a href=\"{0}\">{1}</a><br>\n{0}</p>\n", escaped_html(letter.link),
                        escaped_html(letter.link_label));
  for (const auto& paragraph : letter.last)
    html += fmt::format("<p>{}</p>\n", escaped_html(paragraph));
  return html + "</div>\n";
}

std::string with_crlf(const std::string& text) {
  std::string proper;
  for (const char c : text) proper += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return proper;
}

std::string part(std::string_view type, const std::string& text) {
  return fmt::format(
      "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\n{}\r\n",
      type, mail::to_quoted_printable(with_crlf(text)));
}

/// The words, as an entity.
std::string worded(const Wording& words) {
  const std::string text = part("text/plain", words.text);
  if (words.html.empty()) return text;
  const std::string html = part("text/html", words.html);
  const std::string boundary = mail::make_boundary({text, html});
  return fmt::format(
      "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}--{0}\r\n{2}--"
      "{0}--\r\n",
      boundary, text, html);
}

/// Appends the file as base64, piece by piece: a file is never here twice.
void append_base64(std::string& octets, const Enclosure& enclosure, const BlobStore& store) {
  constexpr std::size_t line = 57;  // octets that make a line of 76 columns
  const pki::Secret key(enclosure.key);
  SealedReader reader(store, {enclosure.file, key, enclosure.octets});
  std::string left;
  std::uint64_t offset = 0;
  for (auto piece = reader.read(0); !piece.empty(); piece = reader.read(offset)) {
    offset += piece.size();
    left += piece;
    const std::size_t whole = left.size() - left.size() % line;
    octets += mail::to_base64_lines(std::string_view(left).substr(0, whole));
    left.erase(0, whole);
  }
  octets += mail::to_base64_lines(left);
}

void append(std::string& octets, const Enclosure& enclosure, const BlobStore& store) {
  octets += "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n";
  octets += "Content-Disposition: attachment;\r\n " +
            mail::make_parameter("filename", enclosure.name) + "\r\n\r\n";
  append_base64(octets, enclosure, store);
}

/// Words and enclosures. The boundary is random and holds a '_', which base64 does not have.
std::string enclosed(const Mail& mail, const BlobStore& store) {
  const std::string words = worded(mail.words);
  const std::string boundary = mail::make_boundary({words}) + "_";
  std::string octets = fmt::format(
      "Content-Type: multipart/mixed; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}", boundary, words);
  for (const Enclosure& enclosure : mail.enclosures) {
    octets += fmt::format("\r\n--{}\r\n", boundary);
    append(octets, enclosure, store);
  }
  return octets + fmt::format("\r\n--{}--\r\n", boundary);
}

/// RFC 5322 §3.2.5: words alone, or else encoded ones, which every reader takes (RFC 2047 §5).
std::string phrase(std::string_view text) {
  const auto is_word = [](char c) { return ascii::is_alpha(c) || ascii::is_digit(c) || c == ' '; };
  if (std::ranges::all_of(text, is_word)) return std::string(text);
  constexpr std::size_t word_limit = 60;
  std::string words;
  while (!text.empty())
    words += (words.empty() ? "" : "\r\n ") + mail::take_encoded_word(text, word_limit);
  return words;
}

std::string from_field(const Mail& mail) {
  const std::string address = mail::clean_text(mail.from.str());
  const std::string display_name = mail::clean_text(mail.from_name);
  if (display_name.empty()) return "From: " + address + "\r\n";
  return "From: " + phrase(display_name) + "\r\n <" + address + ">\r\n";
}

/// What makes a mail an answer in its reader's eyes (RFC 5322 §3.6.4).
std::string thread_fields(const Mail& mail) {
  if (mail.answers_to.empty()) return {};
  return mail::make_structured_field("In-Reply-To", mail.answers_to) +
         mail::make_structured_field("References", mail.answers_to);
}

std::string head(const Outbox::Waiting& waiting, const std::string& our_name, Time now) {
  const Mail& mail = waiting.mail;
  std::string octets = mail::make_field("Date", rfc5322_date(now)) + from_field(mail);
  if (mail.reply_to) octets += "Reply-To: " + mail::clean_text(mail.reply_to->str()) + "\r\n";
  octets += "To: " + mail::clean_text(mail.to.str()) + "\r\n";
  octets += mail::make_field("Subject", mail.words.subject);
  octets += mail::make_structured_field("Message-ID", fmt::format("<{}@{}>", waiting.id, our_name));
  octets += thread_fields(mail);
  if (!mail.reply_to) octets += "Auto-Submitted: auto-generated\r\n";
  return octets + "MIME-Version: 1.0\r\nContent-Language: de, en\r\n";
}

}  // namespace

std::string ascii_html(std::string_view html) {
  std::string ascii;
  while (!html.empty()) {
    const auto point = first_code_point(html);
    const std::size_t octets = point ? point->octets : 1;
    if (!point || point->value < 0x80)
      ascii += point ? html.front() : '?';
    else
      ascii += fmt::format("&#{};", static_cast<std::uint32_t>(point->value));
    html.remove_prefix(octets);
  }
  return ascii;
}

Wording bilingual(const Letter& german, const Letter& english) {
  return bilingual(german, english, {});
}

Wording bilingual(const Letter& german, const Letter& english, const std::string& written) {
  const std::string subject = german.subject + " / " + english.subject;
  const std::string below =
      written.empty() ? ""
                      : fmt::format("<hr>\n<blockquote>{}</blockquote>\n", with_breaks(written));
  return {subject,
          as_text(german) + std::string(separator) + "\n\n" + as_text(english) +
              (written.empty() ? "" : std::string(separator) + "\n\n" + quoted(written)),
          fmt::format("<!DOCTYPE html>\n<html lang=\"de\">\n<head><meta charset=\"utf-8\">"
                      "<title>{}</title></head>\n<body>\n{}<hr>\n{}{}</body>\n</html>\n",
                      escaped_html(subject), as_html(german, "de"), as_html(english, "en"), below)};
}

Blob write_mail(const Outbox::Waiting& waiting, const std::string& our_name, Time now,
                const BlobStore& store) {
  const Mail& mail = waiting.mail;
  return Blob(head(waiting, our_name, now) +
              (mail.enclosures.empty() ? worded(mail.words) : enclosed(mail, store)));
}

mail::Envelope envelope_of(const Mail& mail, const std::string& our_name, Time now) {
  mail::Envelope envelope;
  envelope.id = smtp::new_envelope_id(now);
  envelope.side = config::Side::inside;
  envelope.client_helo = our_name;
  envelope.received = now;
  envelope.reverse_path = mail.from;
  envelope.recipients.push_back({mail.to});
  // An answer is confidential, a link or a code no less: no report brings them back.
  envelope.return_headers_only = true;
  envelope.smtputf8 = mail.from.is_international() || mail.to.is_international() ||
                      (mail.reply_to && mail.reply_to->is_international());
  return envelope;
}

}  // namespace siegel::transfer
