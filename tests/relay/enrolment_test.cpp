// Enrolment in the background: a real CA, a real spool, and mail that goes to a real SMTP server.

#include "gateway/relay/enrolment.h"

#include <gmock/gmock.h>

#include "base/guarded.h"
#include "gateway/relay/courier.h"
#include "gateway/smtp/server.h"
#include "pki/enrol/turn.h"
#include "tests/enrol/serving.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using pki::enrol::Purpose;
using pki::enrol::State;
using relay::Enrolment;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string office = "pki@stadt.example";
const std::string team = "pki-team@stadt.example";
const std::string chief = "chef@stadt.example";

/// The mail server inside: keeps what it gets.
class MailServer {
 public:
  MailServer() { server_.start(); }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  struct Letter {
    mail::Envelope envelope;
    std::string octets;
  };
  [[nodiscard]] std::vector<Letter> letters() const {
    return letters_.with([](const auto& all) { return all; });
  }

 private:
  static std::shared_ptr<const config::Config> settings() {
    auto config = std::make_shared<config::Config>();
    config->name = "mail.stadt.example";
    config->domains = {"stadt.example"};
    return config;
  }
  smtp::Reply keep(const mail::Envelope& envelope, const Blob& octets) {
    letters_.with([&](auto& all) { all.push_back({envelope, std::string(octets.view())}); });
    return smtp::replies::queued(envelope.id);
  }

  Guarded<std::vector<Letter>> letters_;
  SystemClock clock_;
  Current<config::Config> config_{settings()};
  smtp::Server server_{
      {{"127.0.0.1", 0}, config::Side::world, {}},
      config_,
      [this](const mail::Envelope& envelope, const Blob& octets) { return keep(envelope, octets); },
      clock_,
      Log::none()};
};

class EnrolmentTest : public ServingTest {
 protected:
  EnrolmentTest() {
    configure([&](config::Config& config) {
      config.storage.directory = desk_.folder.path();
      config.relay.inside.to.host = "127.0.0.1";
      config.relay.inside.to.port = server_.port();
      config.relay.inside.tls = config::TlsDemand::none;
      config.enrolment.sender = Address::parse(office);
      config.enrolment.escalate_to = Address::parse(team);
    });
  }

  template <typename Change>
  void configure(Change change) {
    auto changed = std::make_shared<config::Config>(*current_.load());
    change(*changed);
    current_.store(changed);
  }
  /// The relay looks after requests of the profile "amt" from now on.
  void use_profile() {
    const auto file = desk_.folder / "amt.yaml";
    PosixDisk().write(file,
                      Octets(Blob("connector: local\nlocal: {directory: ca}\n"
                                  "naming: {organisation: Stadt}\nkeys: {types: [p-256]}\n")));
    configure([&](config::Config& config) { config.enrolment.profiles = {file}; });
  }
  /// As after a start of the relay, until its first round has ended.
  void round() {
    Enrolment(current_, desk_.store, desk_.database, intake_, desk_.clock, log_).round();
  }
  void deliver() {
    relay::Courier courier(current_, spool_, desk_.clock, log_);
    while (courier.carry_one()) {
    }
  }
  /// Whom the spool has mail for.
  std::vector<std::string> spooled() const {
    std::vector<std::string> people;
    for (const auto& item : spool_.list())
      people.push_back(item.consignment.envelope.recipients.front().address.str());
    return people;
  }
  Time end() const { return certificate_in(the(Purpose::sign)).not_after(); }
  /// The certificates of bauamt end in 10 days, those of the office do not.
  void near_the_end() {
    enrol();
    desk_.clock.advance(100 * day);
    enrol(office);
    desk_.clock.set(end() - 10 * day);
  }
  [[nodiscard]] std::string log_text() const { return read_file(desk_.folder / "log"); }
  /// What openssl says of a letter, at the desk's time.
  Ran verified(const std::string& letter) const {
    PosixDisk disk;
    disk.write(desk_.folder / "letter", Octets(Blob(letter)));
    disk.write(desk_.folder / "trust.pem", Octets(Blob(ca_.certificate().pem())));
    return openssl({"cms", "-verify", "-in", (desk_.folder / "letter").string(), "-CAfile",
                    (desk_.folder / "trust.pem").string(), "-signer",
                    (desk_.folder / "signer.pem").string(), "-attime",
                    std::to_string(to_unix(desk_.clock.now()))});
  }

  MailServer server_;
  Log log_ = Log::to_file((desk_.folder / "log").string());
  Current<config::Config> current_{desk_.config};
  PosixDisk disk_;
  spool::Spool spool_{disk_, desk_.folder / "spool"};
  relay::Vault vault_{current_, desk_.clock};
  relay::Offload offload_{current_, vault_, log_};
  relay::Pickup pickup_{current_, desk_.store, vault_, log_};
  relay::Intake intake_{current_, desk_.store, spool_, {offload_, pickup_}, log_};
};

TEST_F(EnrolmentTest, AReminderArrivesSignedAndSaysWhatIsToBeDone) {
  near_the_end();
  round();
  deliver();
  const auto letters = server_.letters();
  ASSERT_THAT(letters, SizeIs(1)) << log_text();
  EXPECT_EQ(letters[0].envelope.recipients.front().address.str(), chief);
  EXPECT_EQ(letters[0].envelope.reverse_path->str(), office);
  EXPECT_THAT(letters[0].octets, AllOf(HasSubstr("From: " + office), HasSubstr("To: " + chief),
                                       HasSubstr("Auto-Submitted: auto-generated")));
  const Ran ran = verified(letters[0].octets);
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, AllOf(HasSubstr("bauamt@stadt.example  Signatur"),
                                HasSubstr("bauamt@stadt.example  encryption"),
                                HasSubstr("siegel cert renew --address bauamt@stadt.example"),
                                HasSubstr("charset=utf-8")));
  EXPECT_THAT(
      openssl({"x509", "-in", (desk_.folder / "signer.pem").string(), "-noout", "-email"}).output,
      HasSubstr(office));
}

TEST_F(EnrolmentTest, EachStepIsToldOnceAcrossRestarts) {
  near_the_end();
  for (int restarts = 0; restarts < 3; ++restarts) round();
  EXPECT_THAT(spooled(), testing::ElementsAre(chief));
  desk_.clock.set(end() - 6 * day);
  for (int restarts = 0; restarts < 3; ++restarts) round();
  EXPECT_THAT(spooled(), testing::UnorderedElementsAre(chief, chief, team));
}

TEST_F(EnrolmentTest, WhatCouldNotBeRecordedIsToldAgainRatherThanNever) {
  near_the_end();
  desk_.database.write([](Database::Session& session) {
    session << "CREATE TRIGGER outage BEFORE INSERT ON enrol_reminder BEGIN SELECT RAISE(ABORT, "
               "'power'); END",
        Poco::Data::Keywords::now;
  });
  round();
  EXPECT_THAT(log_text(), HasSubstr("event=reminder_failed"));
  desk_.database.write([](Database::Session& session) {
    session << "DROP TRIGGER outage", Poco::Data::Keywords::now;
  });
  for (int restarts = 0; restarts < 2; ++restarts) round();
  EXPECT_THAT(spooled(), testing::ElementsAre(chief, chief));
}

TEST_F(EnrolmentTest, WhatTheRulesRefuseIsLoggedAndTriedAgain) {
  near_the_end();
  configure([](config::Config& config) {
    config::OutgoingRule rule;
    rule.encrypt = config::EncryptDemand::required;
    config.rules.outgoing = {rule};
  });
  round();
  EXPECT_THAT(log_text(), AllOf(HasSubstr("event=reminder_failed to=" + chief), HasSubstr("550")));
  configure([](config::Config& config) { config.rules.outgoing.clear(); });
  round();
  EXPECT_THAT(spooled(), testing::ElementsAre(chief));
}

TEST_F(EnrolmentTest, WithoutASenderTheLogIsToldOnce) {
  near_the_end();
  use_profile();
  configure([](config::Config& config) {
    config.enrolment.sender.reset();
    config.enrolment.rounds = false;
  });
  round();
  EXPECT_THAT(spooled(), IsEmpty());
  const std::string told = log_text();
  EXPECT_THAT(told, AllOf(HasSubstr("event=enrolment_waits mailbox=bauamt@stadt.example"),
                          HasSubstr("ends in 10 days")));
  round();
  EXPECT_EQ(log_text(), told);
}

TEST_F(EnrolmentTest, SuccessorsAreInServiceWithoutACommand) {
  enrol();
  const auto before = signs_with();
  use_profile();
  desk_.clock.set(end() - 80 * day);
  round();
  EXPECT_NE(signs_with(), before);
  EXPECT_EQ(state(Purpose::sign), State::superseded);
  EXPECT_THAT(log_text(), AllOf(HasSubstr("event=enrolment_moved"), Not(HasSubstr("trouble"))));
  EXPECT_EQ(desk_.ledger.history(the(Purpose::sign).id).back().actor, "siegel-relay");
  round();
  EXPECT_THAT(desk_.ledger.list(), SizeIs(4)) << "and none is begun twice";
}

TEST_F(EnrolmentTest, RoundsThatAreSwitchedOffAreLeftToATimer) {
  enrol();
  use_profile();
  configure([](config::Config& config) { config.enrolment.rounds = false; });
  desk_.clock.set(end() - 80 * day);
  round();
  EXPECT_EQ(state(Purpose::sign), State::active);
}

TEST_F(EnrolmentTest, WhileACommandIsAtWorkTheRoundWaits) {
  enrol();
  use_profile();
  desk_.clock.set(end() - 80 * day);
  auto turn = pki::enrol::Turn::take(desk_.folder.path(), 0ms);
  round();
  EXPECT_EQ(state(Purpose::sign), State::active);
  EXPECT_THAT(log_text(), HasSubstr("event=enrolment_postponed"));
  turn.reset();
  round();
  EXPECT_EQ(state(Purpose::sign), State::superseded);
}

TEST_F(EnrolmentTest, WhatFailsIsLoggedAndTheNextRoundGoesOn) {
  enrol();
  use_profile();
  desk_.clock.set(end() - 80 * day);
  std::filesystem::rename(ca_folder_, desk_.folder / "away");
  round();
  EXPECT_THAT(log_text(), HasSubstr("event=enrolment_trouble"));
  std::filesystem::rename(desk_.folder / "away", ca_folder_);
  desk_.clock.advance(1h);
  round();
  EXPECT_EQ(state(Purpose::sign), State::superseded);
}

TEST_F(EnrolmentTest, AProfileThatCannotBeReadIsLoggedAndPeopleAreToldAllTheSame) {
  near_the_end();
  configure([&](config::Config& config) {
    config.enrolment.profiles = {desk_.folder / "not-there.yaml"};
  });
  round();
  EXPECT_THAT(log_text(), HasSubstr("event=enrolment_profiles"));
  EXPECT_THAT(spooled(), testing::ElementsAre(chief));
}

TEST_F(EnrolmentTest, AReloadedConfigurationIsUsedAtOnce) {
  enrol();
  Enrolment enrolment(current_, desk_.store, desk_.database, intake_, desk_.clock, log_);
  desk_.clock.set(end() - 80 * day);
  enrolment.start();
  use_profile();
  enrolment.wake();
  for (int i = 0; i < 600 && state(Purpose::sign) != State::superseded; ++i)
    std::this_thread::sleep_for(50ms);
  EXPECT_EQ(state(Purpose::sign), State::superseded);
  EXPECT_TRUE(enrolment.stop(60s));
}

}  // namespace
}  // namespace siegel::tests
