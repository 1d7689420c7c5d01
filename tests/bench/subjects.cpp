#include "tests/bench/subjects.h"

#include <map>

namespace siegel::bench {

std::string plain_message(std::size_t octets) {
  std::string message =
      "From: Bauamt <bauamt@stadt.example>\r\nTo: Anna <anna@buerger.example>\r\nSubject: "
      "Antrag\r\n"
      "Date: Mon, 01 Jun 2026 12:00:00 +0000\r\nMessage-ID: <1@stadt.example>\r\nMIME-Version: "
      "1.0\r\n"
      "Content-Type: text/plain; charset=us-ascii\r\n\r\n";
  const std::string line =
      "Sehr geehrte Damen und Herren, hier ist eine Zeile Text wie in jeder Mail.\r\n";
  message.reserve(octets + line.size());
  while (message.size() < octets) message += line;
  return message;
}

config::Config gateway_config() {
  config::Config config;
  config.name = "gateway.stadt.example";
  config.domains = {"stadt.example"};
  return config;
}

mail::Envelope outgoing_envelope() {
  mail::Envelope envelope;
  envelope.id = "bench";
  envelope.side = config::Side::inside;
  envelope.client_ip = "192.0.2.1";
  envelope.client_helo = "mail.stadt.example";
  envelope.received = tests::noon();
  envelope.reverse_path = Address::parse("bauamt@stadt.example");
  envelope.recipients = {{*Address::parse("anna@buerger.example")}};
  return envelope;
}

const tests::Party& author(pki::KeyType type) {
  static std::map<pki::KeyType, tests::Party> parties;
  const auto known = parties.find(type);
  if (known != parties.end()) return known->second;
  return parties.emplace(type, tests::world().person("bauamt@stadt.example", type)).first->second;
}

policy::Treatment sign_as(const tests::Party& party) {
  policy::Treatment treatment;
  treatment.sign = party.signer();
  return treatment;
}

policy::Treatment encrypt_to(const tests::Party& party) {
  policy::Treatment treatment;
  treatment.encrypt_to = {party.peer({.aes_gcm = true, .rsa_oaep = true})};
  return treatment;
}

std::string treated(const std::string& message, const policy::Treatment& treatment) {
  const auto received = mail::Message::parse(Blob(message));
  return std::string(
      crypt::transform(gateway_config(), outgoing_envelope(), received, {}, treatment, nullptr)
          .join()
          .view());
}

}  // namespace siegel::bench
