#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/utf8.h"
#include "gateway/mail/fields.h"
#include "gateway/policy/decide.h"
#include "pki/ring.h"
#include "tools/siegel/command.h"
#include "tools/siegel/explain_files.h"
#include "tools/siegel/explain_record.h"
#include "tools/siegel/explanation.h"

namespace siegel::tools {
namespace {

struct Arguments {
  std::filesystem::path mail;
  std::string side = "world";
  std::optional<std::string> from, at;
  std::vector<std::string> to;
  LooseFiles files;
};

/// The gateway that `explain` plays when it is given no configuration.
constexpr const char* default_name = "siegel.invalid";
constexpr const char* default_recipient = "recipient@siegel.invalid";

/// RFC 3339 §5.6 date-time: a bare date leaves open which moment of the day is meant.
Time time_argument(const std::string& text) {
  const auto time = text.find('T') == std::string::npos ? std::nullopt : parse_rfc3339(text);
  if (!time) {
    throw WrongUsage(Error(Fault::peer, "\"" + printable(text) +
                                            "\" is no RFC 3339 time; write 2026-11-21T12:00:00Z"));
  }
  return *time;
}

/// The address of the envelope's sender; nothing for the null reverse-path of reports (RFC 5321
/// §4.5.5).
std::optional<Address> reverse_path(const Arguments& arguments, const mail::Message& message) {
  if (arguments.from == "<>") return std::nullopt;
  if (arguments.from) return address_argument(*arguments.from);
  const mail::Author author = mail::author(message.top());
  if (!author.address)
    note("the message names no clear author (" + printable(author.ambiguity) +
         "), so its sender is taken as null; say who sent it with --from");
  return author.address;
}

mail::Envelope make_envelope(const Arguments& arguments, const mail::Message& message, Time at) {
  mail::Envelope envelope;
  envelope.id = "explain";
  envelope.side = arguments.side == "inside" ? config::Side::inside : config::Side::world;
  envelope.received = at;
  envelope.reverse_path = reverse_path(arguments, message);
  for (const std::string& to : arguments.to) envelope.recipients.push_back({address_argument(to)});
  if (envelope.recipients.empty())
    envelope.recipients.push_back({*Address::parse(default_recipient)});
  return envelope;
}

config::Config default_config(const mail::Envelope& envelope) {
  config::Config config;
  config.name = default_name;
  if (envelope.side == config::Side::inside) {
    if (envelope.reverse_path) config.domains.push_back(envelope.reverse_path->domain());
  } else {
    config.domains.push_back(envelope.recipients.front().address.domain());
  }
  config.postmaster =
      "postmaster@" + (config.domains.empty() ? default_name : config.domains.front());
  return config;
}

pki::Ring ring_for(const pki::Keys& keys, const mail::Envelope& envelope,
                   const mail::Message& message) {
  if (envelope.side == config::Side::world) return {};
  std::vector<Address> recipients;
  for (const mail::Recipient& each : envelope.recipients) recipients.push_back(each.address);
  return gather(keys, mail::author(message.top()).address, recipients, envelope.received);
}

void explain(const Context& context, const Arguments& arguments, bool has_config) {
  const Time at = arguments.at ? time_argument(*arguments.at) : SystemClock().now();
  const auto message = mail::Message::parse(Blob(read_mail(arguments.mail)));
  if (std::ranges::all_of(message.top().fields, [](const auto& each) { return each.name.empty(); }))
    note("the file has no header field at all; check that it is a message as it was received");
  const mail::Envelope envelope = make_envelope(arguments, message, at);
  const config::Config config = has_config ? *context.config() : default_config(envelope);
  const pki::LooseKeys keys = read_keys(arguments.files, config);
  const crypt::Inspection seen = crypt::inspect(message, keys, config.smime, {envelope.id, at});
  const pki::Ring ring = ring_for(keys, envelope, message);
  const policy::Decision decision = policy::decide(config, envelope, message, seen.verdict, ring);
  const Explanation explanation{config, message, seen, decision};
  if (context.json) {
    print_json(std::cout, to_json(explanation));
  } else {
    print(std::cout, explanation);
  }
}

}  // namespace

void add_explain_command(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto question = std::make_shared<Question>();
  CLI::App* command = app.add_subcommand(
      "explain",
      "what Siegel finds in a message and what it would do with it; needs no daemon. "
      "With --id or --recipient: what it did, and why");
  CLI::Option* mail =
      command->add_option("mail", arguments->mail, "the message, - for standard input");
  add_question(*command, *question, *mail);
  command->add_option("--side", arguments->side, "where it comes from")
      ->check(CLI::IsMember({"world", "inside"}))
      ->capture_default_str();
  command->add_option("--from", arguments->from, "reverse-path, <> for none; default: the author")
      ->type_name("ADDRESS");
  add_repeated(*command, "--to", arguments->to, "recipient")->type_name("ADDRESS");
  add_repeated(*command, "--trust", arguments->files.trust,
               "trust anchors, PEM; OpenPGP keys to be believed")
      ->type_name("FILE");
  add_repeated(*command, "--crl", arguments->files.crls, "revocation lists, PEM or DER")
      ->type_name("FILE");
  add_repeated(*command, "--key", arguments->files.keys,
               "our keys: with certificates, or OpenPGP secret keys")
      ->type_name("FILE[:PASSPHRASE]");
  command->add_option("--password-file", arguments->files.password_file, "password of the keys")
      ->type_name("FILE");
  command->add_option("--at", arguments->at, "time of receipt, RFC 3339; default: now")
      ->type_name("TIME");
  command->callback([&app, &context, arguments, question] {
    if (question->is_asked()) return answer(context, *question);
    if (arguments->mail.empty())
      throw WrongUsage(Error(Fault::peer,
                             "name a message to explain, or ask with --id or "
                             "--recipient for one that has passed"));
    explain(context, *arguments, app.get_option("--config")->count() > 0);
  });
}

}  // namespace siegel::tools
