// Keys that a real directory knows, for mail that is on its way.

#include "gateway/relay/seeker.h"

#include <Poco/Net/ServerSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/relay/intake.h"
#include "pki/store.h"
#include "tests/crypt/smime_world.h"
#include "tests/pki/discovery/servers.h"
#include "tests/support/files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string office = "bauamt@stadt.example";
const std::string anna = "anna@buerger.example";

class Seekers : public testing::Test {
 protected:
  Seekers()
      : clock_(noon()),
        database_("sqlite:" + (folder_ / "siegel.db").string()),
        store_(database_, pki::Seal(std::array<unsigned char, 32>{}), current_.load(), clock_),
        spool_(disk_, folder_ / "spool"),
        vault_(current_, clock_),
        offload_(current_, vault_, log_),
        pickup_(current_, store_, vault_, log_),
        intake_(current_, store_, spool_, {offload_, pickup_}, log_),
        seeker_(current_, store_, clock_, log_) {
    store_.add_anchor({world().root().certificate(), config::RevocationMode::hard_fail, "root"});
    store_.add_intermediate(world().office().certificate());
    for (const pki::Crl& list : world().material().crls) store_.keep_crl(list, "test");
    intake_.find_keys_by(seeker_);
  }

  static std::shared_ptr<config::Config> city() {
    auto config = std::make_shared<config::Config>();
    config->name = "gateway.stadt.example";
    config->domains = {"stadt.example"};
    config->postmaster = "postmaster@stadt.example";
    config->discovery.wait = std::chrono::seconds(60);
    config->discovery.patience = std::chrono::seconds(20);
    return config;
  }
  template <typename Change>
  void configure(Change change) {
    auto changed = std::make_shared<config::Config>(*current_.load());
    change(*changed);
    current_.store(changed);
  }
  void demand(config::EncryptDemand encrypt) {
    configure([&](config::Config& config) {
      config::OutgoingRule rule;
      rule.encrypt = encrypt;
      rule.sign = config::SignDemand::never;
      config.rules.outgoing.push_back(rule);
    });
  }
  void publish(const std::string& address) {
    const Party party = world().person(address);
    slapd_.add_person(address, {ldif_value("userCertificate;binary", party.certificate.der())});
  }
  void start_at(const std::string& url) {
    configure([&](config::Config& config) {
      config::DirectoryServer server;
      server.url = url;
      server.base = Slapd::base;
      config.discovery.ldap.push_back(server);
    });
    seeker_.start();
  }
  void start() {
    slapd_.start();
    start_at(slapd_.url());
  }
  smtp::Reply send_to(const std::string& to) {
    mail::Envelope envelope;
    envelope.id = "m" + std::to_string(++sent_);
    envelope.side = config::Side::inside;
    envelope.client_ip = "192.0.2.1";
    envelope.client_helo = "client.example";
    envelope.received = noon();
    envelope.reverse_path = Address::parse(office);
    envelope.recipients = {{*Address::parse(to)}};
    return intake_.accept(envelope, Blob("From: <" + office + ">\r\nTo: <" + to +
                                         ">\r\nSubject: Antrag\r\n\r\nGuten Tag\r\n"));
  }
  std::string newest() {
    const auto claim = spool_.claim("m" + std::to_string(sent_) + ".1");
    return std::string(claim.value().message().view());
  }
  [[nodiscard]] std::string log() const { return read_file(folder_ / "log"); }
  [[nodiscard]] auto known() const { return store_.peer_records(Address::parse(anna)); }
  void wait_for_answer() {
    static_cast<void>(seeker_.wait_for({*Address::parse(anna)}, std::chrono::seconds(60)));
  }

  TemporaryDirectory folder_;
  Slapd slapd_;
  Current<config::Config> current_{city()};
  ManualClock clock_;
  PosixDisk disk_;
  Log log_ = Log::to_file((folder_ / "log").string());
  Database database_;
  pki::KeyStore store_;
  spool::Spool spool_;
  relay::Vault vault_;
  relay::Offload offload_;
  relay::Pickup pickup_;
  relay::Intake intake_;
  relay::Seeker seeker_;
  int sent_ = 1000;
};

TEST_F(Seekers, MailThatMustBeEncryptedWaitsForTheKey) {
  publish(anna);
  demand(config::EncryptDemand::required);
  start();
  EXPECT_EQ(send_to(anna).code, 250);
  EXPECT_THAT(newest(), HasSubstr("application/pkcs7-mime"));
  EXPECT_THAT(newest(), Not(HasSubstr("Guten Tag")));
  EXPECT_THAT(log(), HasSubstr("event=key_search peer=anna@buerger.example"));
}

TEST_F(Seekers, R39_MailThatMustBeEncryptedIsRefusedIfNobodyKnowsAKey) {
  demand(config::EncryptDemand::required);
  start();
  EXPECT_EQ(send_to(anna).code, 550);
}

TEST_F(Seekers, OtherMailDoesNotWaitButHelpsTheNext) {
  publish(anna);
  demand(config::EncryptDemand::if_possible);
  start();
  EXPECT_EQ(send_to(anna).code, 250);
  wait_for_answer();
  EXPECT_EQ(send_to(anna).code, 250);
  EXPECT_THAT(newest(), HasSubstr("application/pkcs7-mime"));
}

TEST_F(Seekers, NobodyIsAskedForWhomMailGoesInClearAnyhow) {
  publish(anna);
  demand(config::EncryptDemand::never);
  start();
  send_to(anna);
  wait_for_answer();
  EXPECT_THAT(known(), IsEmpty());
  EXPECT_THAT(log(), Not(HasSubstr("key_search")));
}

TEST_F(Seekers, R33_WhatIsFoundIsOfTheDirectorysRank) {
  publish(anna);
  demand(config::EncryptDemand::required);
  start();
  send_to(anna);
  ASSERT_THAT(known(), SizeIs(1));
  EXPECT_EQ(known().front().key.provenance, pki::Provenance::foreign_directory);
}

TEST_F(Seekers, DirectoryThatIsDownIsToldOnceItIsLeftAlone) {
  demand(config::EncryptDemand::required);
  start_at("ldap://127.0.0.1:" + std::to_string(free_port()));
  for (const char* to : {"a@b.example", "c@b.example", "d@b.example", "e@b.example", "f@b.example"})
    EXPECT_EQ(send_to(to).code, 550);
  const std::string text = log();
  const auto first = text.find("event=key_source_rests");
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("event=key_source_rests", first + 1), std::string::npos);
}

TEST_F(Seekers, WithoutTheSectionNobodyIsSought) {
  demand(config::EncryptDemand::required);
  seeker_.start();
  EXPECT_EQ(send_to(anna).code, 550);
  EXPECT_FALSE(seeker_.wait_for({*Address::parse(anna)}, std::chrono::seconds(60)));
}

/// Two directories: one that takes questions and never answers, for strangers; and ours, for Anna,
/// to whom mail must be encrypted.
class QueuedSeekers : public Seekers {
 protected:
  QueuedSeekers() {
    publish(anna);
    slapd_.start();
    configure([&](config::Config& config) {
      const std::string silent = "ldap://127.0.0.1:" + std::to_string(silent_.address().port());
      config.discovery.patience = std::chrono::seconds(5);
      config.discovery.ldap = {server(silent, "fremd.example"),
                               server(slapd_.url(), "buerger.example")};
      config::OutgoingRule rule;
      rule.to = AddressPattern::parse(anna);
      rule.encrypt = config::EncryptDemand::required;
      rule.sign = config::SignDemand::never;
      config.rules.outgoing.push_back(rule);
    });
    seeker_.start();
  }
  static config::DirectoryServer server(const std::string& url, const std::string& domain) {
    config::DirectoryServer made;
    made.url = url;
    made.base = Slapd::base;
    made.domains = {domain};
    return made;
  }
  static std::vector<Address> strangers(int count) {
    std::vector<Address> all;
    for (int i = 0; i < count; ++i)
      all.push_back(*Address::parse("p" + std::to_string(i) + "@fremd.example"));
    return all;
  }

  Poco::Net::ServerSocket silent_{Poco::Net::SocketAddress("127.0.0.1", 0)};
};

TEST_F(QueuedSeekers, WhomMailWaitsForGoesBeforeAllWhoWaitAlready) {
  const auto newsletter = strangers(200);
  seeker_.seek(newsletter);
  EXPECT_EQ(send_to(anna).code, 250);
  EXPECT_THAT(newest(), HasSubstr("application/pkcs7-mime"));
  EXPECT_TRUE(seeker_.wait_for({newsletter.back()}, {})) << "all strangers went before";
}

TEST_F(QueuedSeekers, WhoWaitsAlreadyIsMovedToTheFront) {
  const auto newsletter = strangers(200);
  seeker_.seek(newsletter);
  seeker_.seek({*Address::parse(anna)});
  EXPECT_EQ(send_to(anna).code, 250);
  EXPECT_TRUE(seeker_.wait_for({newsletter.back()}, {})) << "all strangers went before";
}

TEST_F(QueuedSeekers, AFullQueueIsToldOnceAndHoldsUpNoMail) {
  const auto newsletter = strangers(1100);
  seeker_.seek(newsletter);
  seeker_.seek({newsletter.back()});
  EXPECT_EQ(send_to(anna).code, 250);
  const std::string text = log();
  const auto first = text.find("event=key_search_full");
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("event=key_search_full", first + 1), std::string::npos);
}

TEST_F(Seekers, StopEndsTheThreads) {
  start();
  EXPECT_TRUE(seeker_.stop(std::chrono::seconds(60)));
}

}  // namespace
}  // namespace siegel::tests
