#include "gateway/smtp/reply.h"

#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::smtp {
namespace {

constexpr std::size_t line_limit = 512;  // RFC 5321 §4.5.3.1.5, with code and CRLF

// German advice stays readable where only ASCII may stand.
std::string_view spelled_in_ascii(char32_t letter) {
  constexpr std::array<std::pair<char32_t, std::string_view>, 10> table{{
      {U'ä', "ae"},
      {U'ö', "oe"},
      {U'ü', "ue"},
      {U'Ä', "Ae"},
      {U'Ö', "Oe"},
      {U'Ü', "Ue"},
      {U'ß', "ss"},
      {U'–', "-"},
      {U'„', "\""},
      {U'“', "\""},
  }};
  for (const auto& [from, to] : table) {
    if (from == letter) return to;
  }
  return "?";
}

// RFC 5321 §4.2: textstring is printable ASCII. Replies are given outside of SMTPUTF8 too, so none
// of them holds anything else (RFC 6531 §3.7.4.2).
std::string printable_ascii(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (!next) {
      clean += '?';
      text.remove_prefix(1);
      continue;
    }
    if (next->octets > 1) {
      clean += spelled_in_ascii(next->value);
    } else {
      clean += ascii::is_control(text.front()) ? '?' : text.front();
    }
    text.remove_prefix(next->octets);
  }
  return clean;
}

// Breaks at a blank where there is one, so that no advice is cut off.
void append_wrapped(std::vector<std::string>& lines, std::string_view text, std::size_t width) {
  while (text.size() > width) {
    const auto blank = text.rfind(' ', width);
    const auto end = blank == std::string_view::npos || blank == 0 ? width : blank;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  lines.emplace_back(text);
}

std::string one_line(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text += ' ';
    text += printable_ascii(line);
  }
  return text;
}

}  // namespace

std::string Reply::wire() const {
  const std::string prefix = enhanced.empty() ? "" : enhanced + ' ';
  const std::size_t width = line_limit - prefix.size() - 6;  // code, divider, CRLF
  std::vector<std::string> wrapped;
  for (const std::string& line : lines) append_wrapped(wrapped, printable_ascii(line), width);
  if (wrapped.empty()) wrapped.emplace_back(is_positive() ? "OK" : "refused");

  std::string octets;
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    octets += std::to_string(code);
    octets += i + 1 < wrapped.size() ? '-' : ' ';  // RFC 5321 §4.2.1
    octets += prefix;
    octets += wrapped[i];
    octets += "\r\n";
  }
  return octets;
}

std::string Reply::str() const {
  std::string text = std::to_string(code);
  if (!enhanced.empty()) text += ' ' + enhanced;
  if (!lines.empty()) text += ' ' + one_line(lines);
  return text;
}

namespace replies {

Reply greeting(const std::string& our_name) {
  return {220, "", {our_name + " ESMTP Siegel"}};
}

Reply closing() {
  return {221, "2.0.0", {"goodbye"}};
}

Reply hello(const std::string& our_name) {
  return {250, "", {our_name}};
}

Reply ehlo(const std::string& our_name, const std::vector<std::string>& extensions) {
  Reply reply = hello(our_name);
  reply.lines.insert(reply.lines.end(), extensions.begin(), extensions.end());
  return reply;
}

Reply ready_for_tls() {
  return {220, "2.0.0", {"ready to start TLS"}};
}

Reply sender_ok() {
  return {250, "2.1.0", {"sender OK"}};
}

Reply recipient_ok() {
  return {250, "2.1.5", {"recipient OK"}};
}

Reply start_data() {
  return {354, "", {"end the message with <CRLF>.<CRLF>"}};
}

Reply queued(const std::string& id) {
  return {250, "2.0.0", {"queued as " + id}};
}

Reply ok() {
  return {250, "2.0.0", {"OK"}};
}

Reply help() {
  return {214, "2.0.0", {"EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP STARTTLS QUIT"}};
}

Reply cannot_verify() {
  return {252, "2.5.2", {"cannot verify addresses, but will try to deliver"}};
}

Reply syntax_error(std::string_view what) {
  return {501, "5.5.4", {"syntax: " + std::string(what)}};
}

Reply bad_command_line() {
  return {500, "5.5.2", {"command lines end with CRLF and hold no control characters"}};
}

Reply unknown_command() {
  return {500, "5.5.1", {"command not known"}};
}

Reply not_implemented() {
  return {502, "5.5.1", {"command not implemented"}};
}

Reply bad_sequence(std::string_view what_first) {
  return {503, "5.5.1", {"bad sequence of commands: " + std::string(what_first)}};
}

Reply parameter_not_implemented(std::string_view parameter) {
  return {555, "5.5.4", {"parameter not known: " + std::string(parameter)}};
}

Reply tls_not_available() {
  return {454, "4.7.0", {"TLS is not available just now"}};
}

Reply bad_sender(std::string_view what) {
  return {553, "5.1.7", {"sender address: " + std::string(what)}};
}

Reply bad_address(std::string_view what) {
  return {553, "5.1.3", {"recipient address: " + std::string(what)}};
}

Reply needs_smtputf8() {
  return {553, "5.6.7", {"this address needs the SMTPUTF8 parameter of MAIL"}};
}

Reply relay_denied() {
  return {550, "5.7.1", {"relaying denied: this domain is not served here"}};
}

Reply sender_not_ours() {
  return {550, "5.7.1", {"relaying denied: the sender's domain is not served here"}};
}

Reply client_denied() {
  return {554, "5.7.1", {"this host may not send mail here"}};
}

Reply too_many_recipients() {
  return {452, "4.5.3", {"too many recipients: send this message to the rest once more"}};
}

Reply too_large(std::uint64_t limit) {
  return {552, "5.3.4", {"message larger than " + std::to_string(limit) + " octets"}};
}

Reply bare_line_end() {
  return {554, "5.6.0", {"the message holds a bare CR, a bare LF or a NUL: lines end with CRLF"}};
}

Reply line_too_long() {
  return {500, "5.5.6", {"command line too long"}};
}

Reply too_many_errors() {
  return {421, "4.7.0", {"too many errors, closing the connection"}};
}

Reply too_many_commands() {
  return {421, "4.7.0", {"too many commands without mail, closing the connection"}};
}

Reply too_many_sessions() {
  return {421, "4.7.0", {"too many connections, try again later"}};
}

Reply timed_out() {
  return {421, "4.4.2", {"timeout, closing the connection"}};
}

Reply shutting_down() {
  return {421, "4.3.2", {"the service is closing down, try again later"}};
}

Reply early_talker() {
  return {554, "5.5.0", {"you talk before the greeting (RFC 5321 3.1)"}};
}

Reply pipelining_error() {
  return {554, "5.5.0", {"octets after a command that must wait for its reply (RFC 2920 3.1)"}};
}

Reply loop_detected() {
  return {554, "5.4.6", {"too many Received fields: the mail goes in circles"}};
}

Reply disk_full() {
  return {452, "4.3.1", {"not enough room for this message, try again later"}};
}

Reply local_error() {
  return {451, "4.3.0", {"local error, try again later"}};
}

Reply refused(const std::string& reason, const std::string& advice_de,
              const std::string& advice_en) {
  return {550, "5.7.1", {reason, advice_de, advice_en}};
}

Reply header_too_large(const std::string& reason, const std::string& advice_de,
                       const std::string& advice_en) {
  return {552, "5.3.4", {reason, advice_de, advice_en}};
}

Reply too_complex(const std::string& reason, const std::string& advice_de,
                  const std::string& advice_en) {
  return {554, "5.6.0", {reason, advice_de, advice_en}};
}

Reply of(const Error& error) {
  switch (error.fault()) {
    case Fault::peer:
      return {554, "5.6.0", {error.said()}};
    case Fault::world:
      return {451, "4.3.0", {error.said()}};
    case Fault::ours:
      break;
  }
  return {451, "4.3.5", {error.said()}};  // RFC 3463 §3.4: system incorrectly configured
}

}  // namespace replies
}  // namespace siegel::smtp
