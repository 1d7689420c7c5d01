#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/utf8.h"
#include "gateway/mail/fields.h"
#include "gateway/policy/decide.h"
#include "pki/import.h"
#include "tools/siegel/command.h"
#include "tools/siegel/explanation.h"
#include "tools/siegel/loose_keys.h"

namespace siegel::tools {
namespace {

struct Arguments {
  std::filesystem::path mail;
  std::string side = "world";
  std::string from;
  std::vector<std::string> to;
  std::vector<std::filesystem::path> trust, crls;
  std::vector<std::string> keys;  ///< FILE or FILE:PASSWORD
  std::string at;
};

/// The gateway that `explain` plays when it is given no configuration.
constexpr const char* default_name = "siegel.invalid";
constexpr const char* default_recipient = "recipient@siegel.invalid";

/// A file on disk may end its lines with LF, as `openssl cms -sign` writes them; SMTP brings CRLF
/// only.
std::string on_the_wire(const std::string& octets) {
  std::string wire;
  wire.reserve(octets.size() + octets.size() / 32);
  char before = '\0';
  for (const char octet : octets) {
    if (octet == '\n' && before != '\r') wire += '\r';
    wire += octet;
    before = octet;
  }
  return wire;
}

Time time_argument(const std::string& text) {
  if (text.empty()) return SystemClock().now();
  const auto time = parse_rfc3339(text);
  if (!time) {
    throw Error(Fault::peer,
                "\"" + printable(text) + "\" is no RFC 3339 time; write 2026-11-21T12:00:00Z");
  }
  return *time;
}

pki::Trust::Material read_trust(const Arguments& arguments, const config::Config& config) {
  pki::Trust::Material material;
  material.settings = config.smime;
  material.crl_grace = config.revocation.grace;
  for (const auto& file : arguments.trust) {
    for (const auto& each : pki::read_bundle(read_argument(file), {}).certificates) {
      // A root is an anchor; an intermediate in the same file only helps to build paths.
      if (each.is_self_issued()) {
        material.anchors.push_back({each, config.revocation.mode, file.filename().string()});
      } else {
        material.intermediates.push_back(each);
      }
    }
  }
  for (const auto& file : arguments.crls) {
    const auto crl = pki::Crl::parse(read_argument(file));
    if (!crl) throw Error(Fault::peer, file.string() + " is no revocation list; give PEM or DER");
    material.crls.push_back(*crl);
  }
  return material;
}

/// FILE or FILE:PASSWORD. Names and passwords may have colons of their own, so the longest text
/// that names a file is it.
std::pair<std::filesystem::path, std::string> split_password(const std::string& text) {
  for (auto end = text.size(); end != std::string::npos && end > 0;
       end = text.rfind(':', end - 1)) {
    const std::filesystem::path file = text.substr(0, end);
    if (!std::filesystem::is_regular_file(file)) continue;
    return {file, end == text.size() ? std::string() : text.substr(end + 1)};
  }
  return {text.substr(0, text.find(':')), {}};
}

void pair_up(const pki::Bundle& bundle, std::vector<pki::DecryptionKey>& own,
             std::vector<pki::Certificate>& helpers) {
  for (const pki::Certificate& certificate : bundle.certificates) {
    const auto key = std::ranges::find_if(
        bundle.keys, [&](const pki::PrivateKey& each) { return each.fits(certificate); });
    if (key == bundle.keys.end()) {
      helpers.push_back(certificate);
    } else {
      own.push_back({certificate, *key});
    }
  }
}

LooseKeys read_keys(const Arguments& arguments, const config::Config& config) {
  std::vector<pki::DecryptionKey> own;
  std::vector<pki::Certificate> helpers;
  for (const std::string& text : arguments.keys) {
    const auto [file, password] = split_password(text);
    pair_up(pki::read_bundle(read_argument(file), password), own, helpers);
  }
  return {read_trust(arguments, config), std::move(own), std::move(helpers)};
}

mail::Envelope make_envelope(const Arguments& arguments, const mail::Message& message, Time at) {
  mail::Envelope envelope;
  envelope.id = "explain";
  envelope.side = arguments.side == "inside" ? config::Side::inside : config::Side::world;
  envelope.received = at;
  envelope.reverse_path = arguments.from.empty() ? mail::author(message.top()).address
                                                 : address_argument(arguments.from);
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
  const Time at = time_argument(arguments.at);
  const auto message = mail::Message::parse(Blob(on_the_wire(read_argument(arguments.mail))));
  const mail::Envelope envelope = make_envelope(arguments, message, at);
  const config::Config config = has_config ? *context.config() : default_config(envelope);
  const LooseKeys keys = read_keys(arguments, config);
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
  CLI::App* command = app.add_subcommand(
      "explain", "what Siegel finds in a message and what it would do with it; needs no daemon");
  command->add_option("mail", arguments->mail, "the message, - for standard input")->required();
  command->add_option("--side", arguments->side, "where it comes from")
      ->check(CLI::IsMember({"world", "inside"}))
      ->capture_default_str();
  command->add_option("--from", arguments->from, "reverse-path; default: the author");
  command->add_option("--to", arguments->to, "recipients")->allow_extra_args(false);
  command->add_option("--trust", arguments->trust, "trust anchors, PEM")->allow_extra_args(false);
  command->add_option("--crl", arguments->crls, "revocation lists, PEM or DER")
      ->allow_extra_args(false);
  command->add_option("--key", arguments->keys, "our keys: FILE or FILE:PASSWORD")
      ->allow_extra_args(false);
  command->add_option("--at", arguments->at, "time of receipt, RFC 3339; default: now");
  command->callback([&app, &context, arguments] {
    explain(context, *arguments, app.get_option("--config")->count() > 0);
  });
}

}  // namespace siegel::tools
