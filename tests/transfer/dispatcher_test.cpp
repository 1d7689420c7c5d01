// What the daemon does by itself; only the relay is played, and time.

#include "gateway/transfer/dispatcher.h"

#include "base/sql.h"
#include "gateway/mail/message.h"
#include "gateway/transfer/access.h"
#include "gateway/transfer/letters.h"
#include "tests/transfer/clamd.h"
#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using transfer::LinkSecret;
using transfer::ParcelState;

class DispatcherTest : public ServiceTest {
 protected:
  DispatcherTest() {
    auto config = std::make_shared<config::Config>();
    config->name = "gateway.stadt.example";
    config->transfer = settings_;
    config->transfer->url = "https://dateien.stadt.example";
    config->transfer->look.name = "Stadt Beispiel";
    config_ = config;
    current_.store(config);
  }

  /// The relay as it is played: takes all mails, or answers them so.
  std::vector<smtp::Outcome> take(const mail::Envelope& envelope, const Blob& octets) {
    mails_.emplace_back(envelope.recipients.front().address.str(), octets.view());
    headers_only_.push_back(envelope.return_headers_only);
    return {{envelope.recipients.front(), answer_, "", "", said_}};
  }
  /// The mails to this address, one behind the other.
  std::string mails_to(const std::string& to) {
    std::string all;
    for (const auto& [recipient, octets] : mails_)
      if (recipient == to) all += octets;
    return all;
  }
  Sent wait() {
    const LinkSecret plan = uploaded("Plan.pdf", "the plan");
    return post(wish({&plan}));
  }

  std::shared_ptr<config::Config> config_;
  Current<config::Config> current_{std::make_shared<config::Config>()};
  Log log_ = Log::none();
  transfer::Access access_{database_, seal_, clock_};
  smtp::Outcome::Kind answer_ = smtp::Outcome::Kind::delivered;
  std::string said_;
  std::vector<std::pair<std::string, std::string>> mails_;
  std::vector<bool> headers_only_;  // of those mails: RET=HDRS
  transfer::Dispatcher dispatcher_{
      current_,
      {database_, store_, uploads_, parcels_, links_, outbox_, access_},
      [this](const config::Delivery&, const std::string&, const mail::Envelope& envelope,
             const Blob& octets) { return take(envelope, octets); },
      clock_,
      log_};
};

TEST_F(DispatcherTest, WhatIsCleanIsReadyAndItsRecipientsAreTold) {
  const Sent sent = wait();
  dispatcher_.scan_round();
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::ready);
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(anna), HasSubstr(sent.links.front().secret.text()));
  dispatcher_.mail_round();
  EXPECT_EQ(mails_.size(), 1U) << "once";
}

TEST_F(DispatcherTest, AVirusIsToldToTheSenderAndToNobodyElse) {
  Clamd clamd;
  config_->transfer->clamd = clamd.socket();
  const LinkSecret virus = uploaded("Rechnung.exe", Clamd::eicar());
  const Sent sent = post(wish({&virus}));
  dispatcher_.scan_round();
  dispatcher_.mail_round();
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::infected);
  EXPECT_THAT(mails_to(bauamt), HasSubstr("Rechnung.exe"));
  EXPECT_THAT(mails_to(anna), IsEmpty());
}

TEST_F(DispatcherTest, WithoutTheScannerItWaitsAndSaysSoOnce) {
  config_->transfer->clamd = "unix:/nonexistent/clamd.ctl";
  const Sent sent = wait();
  for (int i = 0; i < 5; ++i) {
    dispatcher_.scan_round();
    dispatcher_.mail_round();
    clock_.advance(30min);
  }
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::waiting);
  EXPECT_EQ(mails_.size(), 1U);
  EXPECT_THAT(mails_to(bauamt), Not(IsEmpty()));
  config_->transfer->clamd.reset();
  clock_.advance(1min);
  dispatcher_.scan_round();
  EXPECT_EQ(parcels_.find(sent.id)->state, ParcelState::ready);
}

TEST_F(DispatcherTest, OneWhoseFileIsDamagedDoesNotComeAgainAtOnce) {
  const Sent sent = wait();
  config_->transfer->clamd = "unix:/nonexistent/clamd.ctl";
  for (const auto& stored : store_.list()) store_.remove(stored.file);
  EXPECT_FALSE(parcels_.due().empty());
  dispatcher_.scan_round();
  EXPECT_THAT(parcels_.due(), IsEmpty());
}

TEST_F(DispatcherTest, ANoticeThatIsRefusedIsToldToTheSender) {
  const Sent sent = wait();
  dispatcher_.scan_round();
  answer_ = smtp::Outcome::Kind::refused;
  said_ = "550 no such user";
  dispatcher_.mail_round();
  answer_ = smtp::Outcome::Kind::delivered;
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(bauamt), HasSubstr("no such user"));
  const auto events = parcels_.events(sent.id);
  EXPECT_TRUE(std::ranges::any_of(events, [](const transfer::ParcelEvent& event) {
    return event.what == "undeliverable" && event.recipient == anna;
  }));
}

TEST_F(DispatcherTest, ANoticeThatIsPutOffIsTriedAgain) {
  static_cast<void>(wait());
  dispatcher_.scan_round();
  answer_ = smtp::Outcome::Kind::deferred;
  dispatcher_.mail_round();
  dispatcher_.mail_round();
  EXPECT_EQ(mails_.size(), 1U) << "not at once";
  answer_ = smtp::Outcome::Kind::delivered;
  clock_.advance(1min);
  dispatcher_.mail_round();
  EXPECT_EQ(mails_.size(), 2U);
  EXPECT_THAT(outbox_.due(10), IsEmpty());
}

/// The field with its value, as it stands in this mail.
std::string message_id(const std::string& mail) {
  const auto at = mail.find("Message-ID: ");
  return mail.substr(at, mail.find("\r\n", at) - at);
}

TEST_F(DispatcherTest, ANoticeHasOneMessageIdHoweverOftenItIsTried) {
  static_cast<void>(wait());
  dispatcher_.scan_round();
  answer_ = smtp::Outcome::Kind::deferred;
  dispatcher_.mail_round();
  clock_.advance(1min);
  dispatcher_.mail_round();
  ASSERT_EQ(mails_.size(), 2U);
  EXPECT_THAT(message_id(mails_[0].second), HasSubstr("@gateway.stadt.example>"));
  EXPECT_EQ(message_id(mails_[0].second), message_id(mails_[1].second));
}

TEST_F(DispatcherTest, AMailThatDoesNotOpenStandsInNobodysWay) {
  static_cast<void>(wait());
  dispatcher_.scan_round();
  database_.write([](sql::Session& session) {
    sql::run(session,
             "INSERT INTO outbox (tenant, id, parcel, recipient, sealed, created, next_try) VALUES "
             "('default', 'a', '', '', 'noise', 0, 0)");
  });
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(anna), Not(IsEmpty()));
  EXPECT_THAT(outbox_.due(10), IsEmpty()) << "it is not tried in every round";
}

TEST_F(DispatcherTest, TheSenderIsWarnedOnceBeforeTheEndAndAgainAfterAnExtension) {
  const Sent sent = wait();
  dispatcher_.scan_round();
  dispatcher_.mail_round();
  mails_.clear();
  clock_.advance(24h * 10);
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(bauamt), IsEmpty());
  clock_.advance(25h);
  for (int i = 0; i < 3; ++i) {
    dispatcher_.mail_round();
    clock_.advance(10min);
  }
  EXPECT_EQ(mails_.size(), 1U);
  ASSERT_TRUE(parcels_.extend(sent.id, clock_.now() + 24h * 10));
  clock_.advance(24h * 8);
  dispatcher_.mail_round();
  clock_.advance(10min);
  dispatcher_.mail_round();
  EXPECT_EQ(mails_.size(), 2U);
}

TEST_F(DispatcherTest, FilesThatNoRowKnowsAreErasedWhenTheyAreOld) {
  clock_.set(SystemClock().now());  // files have the machine's time
  settings_.lives.unfinished = 24h * 10;
  const LinkSecret plan = uploaded("Plan.pdf", "the plan");
  store_.append(transfer::FileId::make())->sync();
  dispatcher_.mail_round();
  EXPECT_EQ(files_in_store(), 2U) << "it may be somebody's who has just begun";
  clock_.advance(25h);
  dispatcher_.mail_round();
  EXPECT_EQ(files_in_store(), 1U);
  EXPECT_TRUE(uploads_.find(plan));
}

// --- what the mails say

TEST_F(DispatcherTest, Evil_WhatPeopleWriteStaysInItsPlace) {
  const transfer::Parcel parcel{
      .id = "p",
      .origin = transfer::Origin::citizen,
      .owner = address(bauamt),
      .note = {"Zeile 1\n<b>Zeile 2</b>", "<script>Max", "max@x.example", "AZ & 17"},
      .files = {{0, transfer::FileId::make(), "<img>.pdf", "", 17}}};
  const auto words = transfer::letters::files_arrived({"Stadt", "https://x.example"}, parcel, "S");
  EXPECT_THAT(words.html, Not(HasSubstr("<script>")));
  EXPECT_THAT(words.html, Not(HasSubstr("<img>")));
  EXPECT_THAT(words.html, Not(HasSubstr("<b>")));
  EXPECT_THAT(words.text, HasSubstr("> Zeile 1\n> <b>Zeile 2</b>"));
}

// --- answers

class AnswerTest : public DispatcherTest {
 protected:
  Sent answer(const std::string& text, const std::string& file_name = "Foto.bin",
              const std::string& octets = std::string(200'001, '\x7f')) {
    const LinkSecret file = uploaded(file_name, octets);
    auto one = wish({&file}, {});
    one.origin = transfer::Origin::answer;
    one.note = {text, anna, "", "", "Re: Akte 17", "<akte17@stadt.example>"};
    return post(one);
  }
  std::int64_t rows(const char* table) {
    std::int64_t count = -1;
    database_.read([&](Database::Session& session) {
      count = sql::select(session, "SELECT COUNT(*) AS n FROM " + std::string(table)).number("n");
    });
    return count;
  }
};

TEST_F(AnswerTest, GoesToTheMailboxWithItsFilesAndNothingStays) {
  answer("Danke.\nIch komme <b>morgen</b>.");
  dispatcher_.scan_round();
  dispatcher_.mail_round();
  const std::string octets = mails_to(bauamt);
  EXPECT_THAT(octets, HasSubstr("Reply-To: " + std::string(anna) + "\r\n"));
  EXPECT_THAT(octets, HasSubstr("Subject: Re: Akte 17\r\n"));
  EXPECT_THAT(octets, HasSubstr("In-Reply-To: <akte17@stadt.example>\r\n"));
  EXPECT_THAT(octets, Not(HasSubstr("Auto-Submitted")));
  const mail::Message message = mail::Message::parse(Blob(std::string(octets)));
  ASSERT_EQ(message.top().parts.size(), 2U);
  EXPECT_FALSE(message.top().is_defective());
  EXPECT_THAT(message.top().parts[0].parts.at(0).decoded_body(),
              HasSubstr("> Ich komme <b>morgen</b>."));
  EXPECT_EQ(message.top().parts[1].decoded_body(), std::string(200'001, '\x7f'));
  EXPECT_EQ(message.top().parts[1].file_name, "Foto.bin");
  for (const char* const table : {"parcel", "parcel_file", "outbox", "waiting"})
    EXPECT_EQ(rows(table), 0) << table;
  EXPECT_EQ(files_in_store(), 0U);
}

TEST_F(AnswerTest, R06_NoReportBringsItBack) {
  answer("Danke.");
  dispatcher_.scan_round();
  dispatcher_.mail_round();
  ASSERT_FALSE(headers_only_.empty());
  EXPECT_THAT(headers_only_, testing::Each(true));
}

TEST_F(AnswerTest, IsNoTransferOfItsOwner) {
  answer("Danke.");
  EXPECT_TRUE(parcels_.of(address(bauamt), 10).empty());
}

TEST_F(AnswerTest, IsToldOfIfTheMailboxDoesNotTakeIt) {
  answer("Danke.");
  dispatcher_.scan_round();
  answer_ = smtp::Outcome::Kind::refused;
  said_ = "too large";
  dispatcher_.mail_round();
  mails_.clear();
  answer_ = smtp::Outcome::Kind::delivered;
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(bauamt), HasSubstr("an answer could not be delivered"));
  EXPECT_THAT(mails_to(bauamt), Not(HasSubstr("Danke")));
  EXPECT_EQ(files_in_store(), 0U);
}

TEST_F(AnswerTest, WhoseFileCannotBeReadIsNotTriedForEverAndNotLostInSilence) {
  const Sent sent = answer("Danke.");
  dispatcher_.scan_round();
  for (const auto& stored : store_.list()) store_.remove(stored.file);
  dispatcher_.mail_round();
  EXPECT_THAT(mails_, IsEmpty());
  EXPECT_EQ(rows("outbox"), 1) << "the file may be put back";
  clock_.advance(transfer::give_up_mail + 1min);
  dispatcher_.mail_round();
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(bauamt), HasSubstr("an answer could not be delivered"));
  EXPECT_THAT(mails_to(bauamt), Not(HasSubstr("Danke")));
  EXPECT_EQ(rows("outbox"), 0);
  EXPECT_FALSE(parcels_.find(sent.id));
}

TEST_F(AnswerTest, WithAVirusReachesNobody) {
  Clamd clamd;
  config_->transfer->clamd = clamd.socket();
  answer("siehe Anhang", "Virus.exe", Clamd::eicar());
  dispatcher_.scan_round();
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(bauamt), HasSubstr("Virus.exe"));
  EXPECT_THAT(mails_to(bauamt), Not(HasSubstr("Re: Akte 17")));
}

TEST_F(AnswerTest, R45_ReachesNoHeaderByItsNames) {
  answer("x", "a\r\nX-Evil: 1\r\n\r\n.txt", "abc");
  dispatcher_.scan_round();
  dispatcher_.mail_round();
  EXPECT_THAT(mails_to(bauamt), Not(HasSubstr("\r\nX-Evil")));
}

}  // namespace
}  // namespace siegel::tests
