// What is kept of decisions, by whom it can be read, and that mail never waits for it.

#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/relay/decision_recorder.h"
#include "tests/support/files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using relay::DecisionBook;
using relay::DecisionRecorder;
using relay::RecordedDecision;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string anna = "anna@buerger.example";

RecordedDecision decision(const std::string& id, std::size_t recipients = 1) {
  RecordedDecision made;
  made.id = id;
  made.message_id = id + "@stadt.example";
  made.at = *parse_rfc3339("2026-06-01T12:00:00Z");
  made.side = "inside";
  made.verdict = "none";
  relay::RecordedRoute route;
  route.action = "relay";
  route.reason = "default";
  for (std::size_t i = 0; i < recipients; ++i)
    route.recipients.push_back({std::to_string(i) + "@x.example", {}, "no-key"});
  made.routes.push_back(std::move(route));
  return made;
}

class Decisions : public testing::Test {
 protected:
  Decisions() : config_(std::make_shared<config::Config>()) {
    config_->storage.directory = folder_.path();
    current_.store(config_);
  }

  [[nodiscard]] DecisionBook book() const { return DecisionBook(folder_ / "decisions.db"); }
  [[nodiscard]] std::string log_text() const { return read_file(folder_ / "log"); }

  /// Waits until the recorder's thread has forgotten it.
  [[nodiscard]] bool is_forgotten(const std::string& id) const {
    const auto open = book();
    for (int i = 0; i < 2000 && !open.about(id).empty(); ++i) std::this_thread::sleep_for(5ms);
    return open.about(id).empty();
  }

  /// The relay takes note of a mail of `text` to `recipients`, as decided by no rule at all.
  void note(DecisionRecorder& recorder, const std::string& id, std::size_t recipients = 1,
            const std::string& text = {}) const {
    mail::Envelope envelope;
    envelope.id = id;
    envelope.side = config::Side::inside;
    envelope.received = clock_.now();
    envelope.reverse_path = Address::parse("bauamt@stadt.example");
    policy::Route route;
    for (std::size_t i = 0; i < recipients; ++i)
      route.recipients.push_back({*Address::parse(std::to_string(i) + "@x.example")});
    route.reason = "default";
    const auto message = mail::Message::parse(
        Blob("From: bauamt@stadt.example\r\nSubject: Geheimnis\r\nMessage-ID: <" + id +
             "@stadt.example>\r\n" + text + "\r\nInhalt\r\n"));
    const auto config = current_.load();
    recorder.note({*config, envelope, message.top(), {}, {{route}}});
  }

  TemporaryDirectory folder_;
  std::shared_ptr<config::Config> config_;
  Current<config::Config> current_{std::make_shared<const config::Config>()};
  ManualClock clock_;
  Log log_ = Log::to_file((folder_ / "log").string());
};

TEST_F(Decisions, AreFoundByOurIdAndByMessageId) {
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  note(recorder, "m1");
  ASSERT_TRUE(recorder.stop(60s));
  for (const std::string id : {"m1", "m1@stadt.example", "<m1@stadt.example>"}) {
    const auto found = book().about(id);
    ASSERT_THAT(found, SizeIs(1)) << id;
    EXPECT_EQ(found[0].routes.at(0).recipients.at(0).clear, "no-key");
    EXPECT_EQ(found[0].sender, "bauamt@stadt.example");
    EXPECT_EQ(found[0].verdict, "none");
  }
  EXPECT_THAT(book().about("m2"), IsEmpty());
  EXPECT_THAT(book().about(""), IsEmpty());
}

TEST_F(Decisions, AreFoundByRecipientNewestFirst) {
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  for (const std::string id : {"m1", "m2", "m3"}) {
    note(recorder, id, 2);
    clock_.advance(24h);
  }
  ASSERT_TRUE(recorder.stop(60s));
  const Time now = clock_.now();
  const auto all = book().about_recipient("1@x.example", now - 24h * 7, 100);
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all.front().id, "m3");
  EXPECT_THAT(book().about_recipient("1@x.example", now - 48h, 100), SizeIs(2));
  EXPECT_THAT(book().about_recipient("1@x.example", now - 24h * 7, 1), SizeIs(1));
  EXPECT_THAT(book().about_recipient("7@x.example", now - 24h * 7, 100), IsEmpty());
}

TEST_F(Decisions, HoldNeitherSubjectNorContent) {
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  note(recorder, "m1", 1, "Comments: Geheimnis\r\nKeywords: Inhalt\r\n");
  ASSERT_TRUE(recorder.stop(60s));
  ASSERT_THAT(book().about("m1"), SizeIs(1));
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    const std::string octets = read_file(file.path());
    EXPECT_THAT(octets, Not(HasSubstr("Geheimnis"))) << file.path();
    EXPECT_THAT(octets, Not(HasSubstr("Inhalt"))) << file.path();
  }
}

TEST_F(Decisions, GoWhenTheirTimeIsOver) {
  {
    DecisionRecorder recorder(current_, clock_, log_);
    recorder.start();
    note(recorder, "old");
    clock_.advance(24h * 29);
    note(recorder, "new");
    ASSERT_TRUE(recorder.stop(60s));
  }
  clock_.advance(24h * 2);
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  EXPECT_TRUE(is_forgotten("old"));
  EXPECT_THAT(book().about("new"), SizeIs(1));
  ASSERT_TRUE(recorder.stop(60s));
}

TEST_F(Decisions, AreNotKeptWhereNobodyWantsThem) {
  book().keep(std::vector{decision("old")});
  auto changed = std::make_shared<config::Config>(*config_);
  changed->keep_decisions = 0s;
  current_.store(changed);
  DecisionRecorder recorder(current_, clock_, log_);
  clock_.advance(1h);
  recorder.start();
  note(recorder, "m1");
  EXPECT_TRUE(is_forgotten("old"));
  ASSERT_TRUE(recorder.stop(60s));
  EXPECT_THAT(book().about("m1"), IsEmpty());
  EXPECT_EQ(recorder.lost(), 0U);
}

TEST_F(Decisions, OfAMailToAThousandAreWhole) {
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  note(recorder, "m1", 1000);
  ASSERT_TRUE(recorder.stop(60s));
  const auto found = book().about("m1");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].routes.at(0).recipients, SizeIs(1000));
  EXPECT_EQ(found[0].routes[0].recipients[999].address, "999@x.example");
}

TEST_F(Decisions, ThatDoNotFitAreCountedAndTold) {
  DecisionRecorder recorder(current_, clock_, log_);
  for (const std::string id : {"m1", "m2", "m3"}) note(recorder, id, 9'000);
  EXPECT_EQ(recorder.lost(), 1U);
  recorder.start();
  ASSERT_TRUE(recorder.stop(60s));
  EXPECT_THAT(book().about("m2"), SizeIs(1));
  EXPECT_THAT(book().about("m3"), IsEmpty());
  EXPECT_THAT(log_text(), HasSubstr("event=decisions_lost count=1"));
}

TEST_F(Decisions, AreLostWhereTheyCannotBeWrittenAndTheMailGoesOn) {
  std::ofstream(folder_ / "decisions.db") << "this is no database, and it is longer than a page";
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  EXPECT_NO_THROW(note(recorder, "m1"));
  ASSERT_TRUE(recorder.stop(60s));
  EXPECT_EQ(recorder.lost(), 1U);
  EXPECT_THAT(log_text(), HasSubstr("event=decisions_not_kept"));
}

TEST_F(Decisions, ThatAreKeptAlreadyStayAsTheyAre) {
  auto open = book();
  open.keep(std::vector{decision("m1", 1)});
  open.keep(std::vector{decision("m1", 5), decision("m2")});
  EXPECT_THAT(open.about("m1").at(0).routes.at(0).recipients, SizeIs(1));
  EXPECT_THAT(open.about("m2"), SizeIs(1));
}

TEST_F(Decisions, AreReadByAnotherProcessWhileTheyAreWritten) {
  book().keep(std::vector{decision("m0", 20)});
  const pid_t reader = ::fork();
  ASSERT_GE(reader, 0);
  if (reader == 0) {
    const auto other = book();
    bool is_whole = true;
    for (int i = 0; i < 100; ++i) {
      for (const auto& found : other.about_recipient("0@x.example", Time{}, 1000))
        is_whole = is_whole && found.routes.at(0).recipients.size() == 20;
    }
    ::_exit(is_whole ? 0 : 1);
  }
  auto open = book();
  for (int i = 1; i < 200; ++i) open.keep(std::vector{decision("m" + std::to_string(i), 20)});
  int status = 0;
  ASSERT_EQ(::waitpid(reader, &status, 0), reader);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_THAT(open.about_recipient("0@x.example", Time{}, 1000), SizeIs(200));
}

TEST_F(Decisions, OfAWriterThatWasKilledAreWholeOrNotThere) {
  static_cast<void>(book());  // its tables
  const pid_t writer = ::fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) {
    auto open = book();
    for (int i = 0;; ++i) open.keep(std::vector{decision("m" + std::to_string(i), 50)});
  }
  const auto open = book();
  while (open.about("m5").empty()) std::this_thread::sleep_for(1ms);
  ::kill(writer, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(writer, &status, 0), writer);
  const auto found = book().about_recipient("49@x.example", Time{}, 100'000);
  EXPECT_GT(found.size(), 5U);
  for (const auto& each : found) EXPECT_THAT(each.routes.at(0).recipients, SizeIs(50));
  book().keep(std::vector{decision("after")});
  EXPECT_THAT(book().about("after"), SizeIs(1));
}

TEST_F(Decisions, R46_WhatPeersWroteIsKeptPrintable) {
  DecisionRecorder recorder(current_, clock_, log_);
  recorder.start();
  note(recorder, "m1", 1, "Message-ID: <\x1B[31m\"'; DROP TABLE decision; --@x>\r\n");
  ASSERT_TRUE(recorder.stop(60s));
  ASSERT_THAT(book().about("m1"), SizeIs(1));
  EXPECT_EQ(relay::bare_message_id(" <a\x1B"
                                   "b@x.example>\r\n "),
            "a\\x1bb@x.example");
}

}  // namespace
}  // namespace siegel::tests
