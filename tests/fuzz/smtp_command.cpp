// One command line, taken apart by every parser; and one line of a remote host's answers.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/smtp/answer.h"
#include "gateway/smtp/command.h"
#include "gateway/smtp/features.h"

namespace {

using namespace siegel;

// What was taken must be fit to be said again: no octet that could end a command line.
void check(const std::string& command) {
  if (command.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) std::abort();
}

void parse_as_command(std::string_view line) {
  const auto parsed = smtp::parse_command(line);
  const auto* const command = std::get_if<smtp::Command>(&parsed);
  if (command == nullptr) return;
  static_cast<void>(smtp::is_client_name(command->argument));
  const smtp::Features all{true, true, true, true, true, 0};
  if (const auto mail = smtp::parse_mail(command->argument);
      const auto* good = std::get_if<smtp::MailArgument>(&mail)) {
    mail::Envelope envelope;
    envelope.reverse_path = good->reverse_path;
    envelope.envid = good->envid;
    check(smtp::mail_command(envelope, {}, all));
  }
  for (const bool smtputf8 : {false, true}) {
    const auto rcpt = smtp::parse_rcpt(command->argument, {"stadt.example", smtputf8});
    if (const auto* good = std::get_if<mail::Recipient>(&rcpt))
      check(smtp::rcpt_command(*good, all));
  }
}

void parse_as_answer(std::string_view text) {
  smtp::AnswerParser parser;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (parser.feed(text.substr(0, end)) != smtp::AnswerParser::Step::more) break;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  check(parser.answer().text());
  static_cast<void>(smtp::Features::parse(parser.answer().lines));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  parse_as_command(octets);
  parse_as_answer(octets);
  return 0;
}
