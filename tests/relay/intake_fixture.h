#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/crypt/transform.h"
#include "gateway/relay/intake.h"
#include "pki/store.h"
#include "tests/crypt/smime_world.h"
#include "tests/support/manual_clock.h"
#include "tests/support/mortal_disk.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

inline const std::string bauamt = "bauamt@stadt.example";
inline const std::string anna = "anna@buerger.example";

inline std::shared_ptr<config::Config> city() {
  auto config = std::make_shared<config::Config>();
  config->name = "gateway.stadt.example";
  config->domains = {"stadt.example"};
  config->postmaster = "postmaster@stadt.example";
  return config;
}

inline std::string letter(const std::string& from, const std::string& to,
                          const std::string& text = "Guten Tag\r\n") {
  return "From: <" + from + ">\r\nTo: <" + to + ">\r\nSubject: Antrag\r\n\r\n" + text;
}

inline mail::Envelope envelope(const std::string& from, const std::vector<std::string>& to) {
  mail::Envelope made;
  static int number = 1000;  // the spool lists what arrived at the same time by its ids
  made.id = "m" + std::to_string(++number);
  made.side = from.ends_with("@stadt.example") ? config::Side::inside : config::Side::world;
  made.client_ip = "192.0.2.1";
  made.client_helo = "client.example";
  made.received = noon();
  made.reverse_path = Address::parse(from);
  for (const std::string& each : to) made.recipients.push_back({*Address::parse(each)});
  return made;
}

/// The message as its sender's own client signs it.
inline std::string signed_by(const Party& party, const std::string& message) {
  policy::Treatment treatment;
  treatment.sign = party.signer();
  const auto received = mail::Message::parse(Blob(message));
  const auto out = envelope(party.address.str(), {bauamt});
  return std::string(
      crypt::transform(*city(), out, received, {}, treatment, nullptr).join().view());
}

/// The flow of one message with real keys, a real database and a real spool; only time stands
/// still.
class Intakes : public testing::Test {
 protected:
  Intakes()
      : config_(city()),
        current_(config_),
        clock_(noon()),
        database_("sqlite:" + (folder_ / "siegel.db").string()),
        store_(database_, pki::Seal(std::array<unsigned char, 32>{}), config_, clock_),
        spool_(disk_, folder_ / "spool"),
        vault_(current_, clock_),
        offload_(current_, vault_, log_),
        pickup_(current_, store_, vault_, log_),
        intake_(current_, store_, spool_, {offload_, pickup_}, log_) {
    store_.add_anchor({world().root().certificate(), config::RevocationMode::hard_fail, "root"});
    store_.add_intermediate(world().office().certificate());
    for (const pki::Crl& list : world().material().crls) store_.keep_crl(list, "test");
  }

  void enrol(const std::string& mailbox) {
    const Party party = world().person(mailbox);
    store_.add_mailbox(party.address, "Amt");
    ASSERT_EQ(store_.import(party.address, {{party.certificate}, {party.key}}).installed.size(),
              1U);
  }
  void rule(config::OutgoingRule added) {
    auto changed = std::make_shared<config::Config>(*config_);
    changed->rules.outgoing.push_back(std::move(added));
    current_.store(changed);
  }
  smtp::Reply accept(const std::string& from, const std::vector<std::string>& to,
                     const std::string& message) {
    return intake_.accept(envelope(from, to), Blob(message));
  }
  /// What lies in the spool, item by item.
  std::vector<std::string> spooled() {
    std::vector<std::string> messages;
    for (const spool::Item& item : spool_.list()) {
      const auto claim = spool_.claim(item.id);
      messages.emplace_back(claim.value().message().view());
    }
    return messages;
  }

  TemporaryDirectory folder_;
  std::shared_ptr<config::Config> config_;
  Current<config::Config> current_;
  ManualClock clock_;
  MortalDisk disk_;
  Log log_ = Log::none();
  Database database_;
  pki::KeyStore store_;
  spool::Spool spool_;
  relay::Vault vault_;
  relay::Offload offload_;
  relay::Pickup pickup_;
  relay::Intake intake_;
};

/// With a rule by which confidential mail is picked up where there is no key.
class PickupIntakes : public Intakes {
 protected:
  PickupIntakes() {
    auto changed = std::make_shared<config::Config>(*config_);
    changed->transfer.emplace();
    changed->transfer->url = "https://dateien.stadt.example";
    changed->transfer->directory = folder_ / "transfer";
    changed->transfer->key = folder_ / "transfer-kek";
    changed->transfer->look.name = "Stadt Beispiel";
    std::filesystem::create_directory(changed->transfer->directory);
    pki::Seal::make_file(changed->transfer->key);
    changed->rules.outgoing.push_back({.subject_tag = "vertraulich",
                                       .encrypt = config::EncryptDemand::required,
                                       .without_key = config::WithoutKey::pickup});
    config_ = changed;
    current_.store(config_);
  }
  static std::string confidential(const std::string& to, const std::string& more = {}) {
    return more + "Bcc: geheim@stadt.example\r\nFrom: <" + bauamt + ">\r\nTo: <" + to +
           ">\r\nSubject: [vertraulich] Antrag\r\n\r\nDas Geheimnis\r\n";
  }
  /// The texts of the spooled mails, decoded as far as they are quoted-printable.
  std::string told() {
    std::string all;
    for (const std::string& mail : spooled()) {
      const auto message = mail::Message::parse(Blob(std::string(mail)));
      all += message.octets();
      collect(message.top(), all);
    }
    return all;
  }
  static void collect(const mail::Entity& entity, std::string& all) {
    if (entity.parts.empty()) all += entity.decoded_body();
    for (const mail::Entity& part : entity.parts) collect(part, all);
  }
  transfer::LinkSecret link_in(const std::string& text) {
    const std::string prefix = "https://dateien.stadt.example/m/";
    const auto at = text.find(prefix);
    EXPECT_NE(at, std::string::npos) << text;
    return transfer::LinkSecret::parse(text.substr(at + prefix.size(), 43)).value();
  }
  std::size_t files_in_vault() {
    return transfer::Storage(*config_->transfer, clock_).files.list().size();
  }
};

}  // namespace siegel::tests
