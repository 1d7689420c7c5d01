#include <chrono>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/relay_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

const std::string our = "anna@stadt.example";
const std::string foreign = "peer@remote.example";

class ServerTest : public RelayFixture {
 protected:
  std::string deliver(TestClient& talker, const std::string& text = "Subject: x\r\n\r\nhello\r\n") {
    const std::string ready = talker.begin(foreign, our);
    if (!ready.starts_with("354")) return ready;
    return talker.send(text + ".\r\n").hear();
  }
};

TEST_F(ServerTest, AMessageArrivesWithItsEnvelope) {
  auto talker = greeted();
  EXPECT_THAT(deliver(talker), StartsWith("250 2.0.0 queued as "));
  const auto [envelope, octets] = accepted().at(0);
  EXPECT_EQ(octets, "Subject: x\r\n\r\nhello\r\n");
  EXPECT_THAT(envelope.id, MatchesRegex("[0-9a-z]{16}"));
  EXPECT_EQ(envelope.client_ip, "127.0.0.1");
  EXPECT_EQ(envelope.client_helo, "client.example");
  EXPECT_EQ(envelope.reverse_path->str(), foreign);
  EXPECT_EQ(envelope.recipients.at(0).address.str(), our);
  EXPECT_EQ(envelope.received, ManualClock().now());
  EXPECT_FALSE(envelope.tls);
}

TEST_F(ServerTest, DsnParametersStayInTheEnvelope) {
  auto talker = greeted();
  talker.ask("EHLO client.example");
  talker.ask("MAIL FROM:<> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=abc+2B");
  talker.ask("RCPT TO:<anna@stadt.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b.example");
  talker.ask("DATA");
  EXPECT_THAT(talker.send("x\r\n.\r\n").hear(), StartsWith("250 2.0.0"));
  const mail::Envelope envelope = accepted().at(0).first;
  EXPECT_FALSE(envelope.reverse_path);
  EXPECT_TRUE(envelope.body_8bit && envelope.smtputf8 && envelope.return_headers_only);
  EXPECT_EQ(envelope.envid, "abc+2B");
  const mail::Recipient recipient = envelope.recipients.at(0);
  EXPECT_TRUE(recipient.notify.success && recipient.notify.delay && !recipient.notify.failure);
  EXPECT_EQ(recipient.original, "rfc822;a+40b.example");
}

TEST_F(ServerTest, ARecipientNamedTwiceIsServedOnce) {
  auto talker = greeted();
  talker.begin(foreign, our);
  talker.send(".\r\n").hear();
  talker.ask("MAIL FROM:<peer@remote.example>");
  talker.ask("RCPT TO:<anna@stadt.example>");
  EXPECT_THAT(talker.ask("RCPT TO:<anna@STADT.example>"), StartsWith("250"));
  talker.ask("DATA");
  talker.send(".\r\n").hear();
  EXPECT_EQ(accepted().at(1).first.recipients.size(), 1U);
}

// --- what accept answers -------------------------------------------------------------------------

TEST_F(ServerTest, AnErrorOfThePeerIsFinal) {
  answer_with([](const auto&, const auto&) -> smtp::Reply {
    throw Error(Fault::peer, "this cannot be processed");
  });
  auto talker = greeted();
  EXPECT_EQ(deliver(talker), "554 5.6.0 this cannot be processed");
}

TEST_F(ServerTest, AnErrorOfTheWorldIsTemporaryAndItsDetailIsNotTold) {
  answer_with([](const auto&, const auto&) -> smtp::Reply {
    throw Error(Fault::world, "try again later", "/secret/path: disk full");
  });
  auto talker = greeted();
  EXPECT_EQ(deliver(talker), "451 4.3.0 try again later");
  EXPECT_THAT(log_text(), HasSubstr("/secret/path: disk full"));
}

TEST_F(ServerTest, ABugIsAnAlarmAndTheDaemonLivesOn) {
  answer_with([](const auto&, const auto&) -> smtp::Reply { throw std::logic_error("a bug"); });
  auto talker = greeted();
  EXPECT_THAT(deliver(talker), StartsWith("451 4.3.0"));
  EXPECT_THAT(log_text(), HasSubstr("critical event=not_accepted"));
  EXPECT_THAT(talker.ask("NOOP"), StartsWith("250"));
  EXPECT_THAT(greeted().ask("EHLO again"), StartsWith("250"));
}

TEST_F(ServerTest, ALongRefusalKeepsItsWords) {
  answer_with([](const auto&, const auto&) {
    return smtp::replies::refused("no key", "Bitte prüfen Sie die Empfängeradresse.", "Ask again.");
  });
  auto talker = greeted();
  EXPECT_EQ(deliver(talker),
            "550-5.7.1 no key|550-5.7.1 Bitte pruefen Sie die Empfaengeradresse.|"
            "550 5.7.1 Ask again.");
}

// --- no open relay -----------------------------------------------------------------------------

struct RelayCase {
  config::Side side;
  std::string from, to, reply;
};

class OpenRelay : public RelayFixture, public testing::WithParamInterface<RelayCase> {};

TEST_P(OpenRelay, IsNone) {
  if (GetParam().side == config::Side::inside) inside();
  auto talker = greeted();
  EXPECT_THAT(talker.begin(GetParam().from, GetParam().to), StartsWith(GetParam().reply));
}

INSTANTIATE_TEST_SUITE_P(
    Table, OpenRelay,
    testing::Values(
        RelayCase{config::Side::world, foreign, our, "354"},
        RelayCase{config::Side::world, "", our, "354"},
        RelayCase{config::Side::world, our, our, "354"},  // forwarders do this
        RelayCase{config::Side::world, foreign, "x@other.example", "550 5.7.1"},
        RelayCase{config::Side::world, our, "x@other.example", "550 5.7.1"},
        RelayCase{config::Side::world, "", "x@other.example", "550 5.7.1"},
        RelayCase{config::Side::world, foreign, "x@sub.stadt.example", "550 5.7.1"},
        RelayCase{config::Side::world, foreign, "x%other.example@stadt.example", "553 5.1.3"},
        RelayCase{config::Side::world, foreign, "@stadt.example:x@other.example", "553 5.1.3"},
        RelayCase{config::Side::world, foreign, "\"x@other.example\"@stadt.example", "553 5.1.3"},
        RelayCase{config::Side::world, foreign, "other.example!x@stadt.example", "553 5.1.3"},
        RelayCase{config::Side::world, foreign, "x@[127.0.0.1]", "553 5.1.3"},
        RelayCase{config::Side::inside, our, "x@other.example", "354"},
        RelayCase{config::Side::inside, our, our, "354"},
        RelayCase{config::Side::inside, "", "x@other.example", "354"},
        RelayCase{config::Side::inside, foreign, "x@other.example", "550 5.7.1"},
        RelayCase{config::Side::inside, foreign, our, "550 5.7.1"}));

TEST_F(ServerTest, InsideHearsListedClientsOnly) {
  inside();
  allow_clients("10.0.0.0/8");
  auto talker = client();
  EXPECT_THAT(talker.hear(), StartsWith("554 5.7.1"));
  EXPECT_EQ(talker.hear_line(), "(closed)");
}

// --- limits --------------------------------------------------------------------------------------

TEST_F(ServerTest, OneClientGetsItsShareOfSessions) {
  settings().relay.limits.sessions_per_client = 2;
  auto first = greeted();
  auto second = greeted();
  EXPECT_THAT(client().hear(), StartsWith("421 4.7.0"));
  first.ask("QUIT");
  EXPECT_EQ(first.hear_line(), "(closed)");
  std::string third;  // the seat is free a moment after the goodbye
  for (int i = 0; i < 500 && !third.starts_with("220"); ++i) third = client().hear();
  EXPECT_THAT(third, StartsWith("220"));
}

TEST_F(ServerTest, AllSessionsTogetherAreBounded) {
  settings().relay.limits.sessions = 3;
  auto first = greeted();
  auto second = greeted();
  auto third = greeted();
  EXPECT_THAT(client().hear(), StartsWith("421 4.7.0"));
}

TEST_F(ServerTest, ASilentClientIsSentAway) {
  settings().relay.limits.command_timeout = seconds(1);
  auto talker = greeted();
  EXPECT_THAT(talker.hear(), StartsWith("421 4.4.2"));
  EXPECT_EQ(talker.hear_line(), "(closed)");
}

TEST_F(ServerTest, AnOctetNowAndThenIsNoCommand) {
  settings().relay.limits.command_timeout = seconds(1);
  auto talker = greeted();
  for (int i = 0; i < 12; ++i) {
    talker.send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
  EXPECT_THAT(talker.hear(), StartsWith("421 4.4.2"));
}

TEST_F(ServerTest, AnOctetNowAndThenIsNoMessage) {
  settings().relay.limits.data_timeout = seconds(1);
  auto talker = greeted();
  talker.begin(foreign, our);
  for (int i = 0; i < 12; ++i) {
    talker.send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
  EXPECT_THAT(talker.hear(), StartsWith("421 4.4.2"));
  EXPECT_TRUE(accepted().empty());
}

TEST_F(ServerTest, TwentyErrorsAreEnough) {
  auto talker = greeted();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(talker.ask("NONSENSE"), StartsWith("500"));
  EXPECT_THAT(talker.hear(), StartsWith("421 4.7.0 too many errors"));
  EXPECT_EQ(talker.hear_line(), "(closed)");
}

TEST_F(ServerTest, TalkWithoutMailHasItsEnd) {
  auto talker = greeted();
  for (int i = 0; i < 100; ++i) talker.ask("NOOP");
  EXPECT_THAT(talker.ask("NOOP"), StartsWith("421 4.7.0"));
}

TEST_F(ServerTest, TheSameRecipientAgainAndAgainIsTalkWithoutMail) {
  auto talker = greeted();
  talker.ask("EHLO client.example");
  talker.ask("MAIL FROM:<" + foreign + ">");
  for (int i = 0; i < 100; ++i) EXPECT_THAT(talker.ask("RCPT TO:<" + our + ">"), StartsWith("250"));
  EXPECT_THAT(talker.ask("RCPT TO:<" + our + ">"), StartsWith("421 4.7.0"));
}

TEST_F(ServerTest, AMessageFarBeyondTheLimitEndsTheSession) {
  settings().relay.limits.message_octets = 1000;
  auto talker = greeted();
  talker.begin(foreign, our);
  const std::string block(65536, 'x');
  for (int i = 0; i < 24; ++i) talker.send(block);
  EXPECT_THAT(talker.hear(), StartsWith("552 5.3.4"));
  EXPECT_EQ(talker.hear_line(), "(closed)");
}

TEST_F(ServerTest, ALargeMessageNeedsNoHeapAndLeavesNoFile) {
  const std::string line(70, 'x');
  std::string text;
  while (text.size() < (4U << 20U)) text += line + "\r\n";
  std::size_t files = 0;
  answer_with([&](const mail::Envelope& envelope, const Blob&) {
    for (const auto& entry : std::filesystem::directory_iterator(directory().path()))
      files += entry.path().filename() != "log" ? 1U : 0U;
    return smtp::replies::queued(envelope.id);
  });
  auto talker = greeted();
  EXPECT_THAT(deliver(talker, text), StartsWith("250"));
  EXPECT_TRUE(accepted().at(0).second == text);
  EXPECT_EQ(files, 0U) << "the scratch file has a name";
}

// --- the configuration in force
// ---------------------------------------------------------------------

TEST_F(ServerTest, AReloadCountsFromTheNextMessageOn) {
  auto talker = greeted();
  talker.ask("EHLO client.example");
  talker.ask("MAIL FROM:<peer@remote.example>");
  settings().domains = {"dorf.example"};
  reload();
  EXPECT_THAT(talker.ask("RCPT TO:<anna@stadt.example>"), StartsWith("250"));
  talker.ask("RSET");
  talker.ask("MAIL FROM:<peer@remote.example>");
  EXPECT_THAT(talker.ask("RCPT TO:<anna@stadt.example>"), StartsWith("550 5.7.1"));
  EXPECT_THAT(talker.ask("RCPT TO:<Postmaster>"), StartsWith("250"));
}

TEST_F(ServerTest, ABrokenCertificateIsAnAlarmAndMailFlowsOn) {
  settings().relay.tls = config::TlsFiles{directory() / "none.pem", directory() / "none.key"};
  auto talker = greeted();
  EXPECT_THAT(talker.ask("EHLO client.example"), Not(HasSubstr("STARTTLS")));
  EXPECT_THAT(talker.ask("STARTTLS"), StartsWith("454 4.7.0"));
  EXPECT_THAT(log_text(), HasSubstr("critical event=tls_not_available"));
  EXPECT_THAT(deliver(talker), StartsWith("250"));
}

TEST_F(ServerTest, MailOverTlsIsMarkedSo) {
  offer_tls();
  auto talker = greeted();
  talker.ask("EHLO client.example");
  talker.ask("STARTTLS");
  talker.start_tls();
  EXPECT_THAT(deliver(talker), StartsWith("250"));
  EXPECT_TRUE(accepted().at(0).first.tls);
}

// --- log
// ---------------------------------------------------------------------------------------------

TEST_F(ServerTest, R46_WhatAClientSaysIsEscapedInTheLog) {
  auto talker = greeted();
  talker.ask("EHLO x\"id=forged");
  talker.ask("MAIL FROM:<peer@remote.example>");
  talker.ask("RCPT TO:<anna@stadt.example>");
  talker.ask("DATA");
  talker.send("Subject: secret\r\n.\r\n").hear();
  const std::string log = log_text();
  EXPECT_THAT(log, HasSubstr("event=received id="));
  EXPECT_THAT(log, HasSubstr(" from=peer@remote.example to=anna@stadt.example size=17 "));
  EXPECT_THAT(log, Not(HasSubstr(" id=forged")));
  EXPECT_THAT(log, Not(HasSubstr("secret")));
}

// --- stop
// --------------------------------------------------------------------------------------------

TEST_F(ServerTest, StopSaysGoodbyeToThoseWhoWait) {
  auto talker = greeted();
  talker.ask("EHLO client.example");
  server().stop(seconds(30));  // would hang for 10 s if the session slept in its read
  EXPECT_THAT(talker.hear(), StartsWith("421 4.3.2"));
  EXPECT_EQ(talker.hear_line(), "(closed)");
}

TEST_F(ServerTest, StopLetsATransactionFinish) {
  auto talker = greeted();
  talker.begin(foreign, our);
  std::thread stopping([&] { server().stop(seconds(30)); });
  EXPECT_THAT(talker.send("late\r\n.\r\n").hear(), StartsWith("250 2.0.0 queued"));
  EXPECT_THAT(talker.hear(), StartsWith("421 4.3.2"));
  stopping.join();
  EXPECT_EQ(accepted().at(0).second, "late\r\n");
}

TEST_F(ServerTest, StopDoesNotWaitBeyondItsGrace) {
  auto talker = greeted();
  talker.begin(foreign, our);
  server().stop(seconds(1));
  EXPECT_THAT(talker.hear(), StartsWith("421 4.3.2"));
  EXPECT_TRUE(accepted().empty());
}

TEST_F(ServerTest, StopEndsWhoNeverPauses) {
  auto talker = greeted();
  talker.ask("EHLO client.example");
  talker.ask("MAIL FROM:<" + foreign + ">");
  std::jthread chatter([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      const auto reply = talker.ask("RCPT TO:<a" + std::to_string(i) + "@stadt.example>");
      if (!reply.starts_with("250") && !reply.starts_with("452")) return;
    }
  });
  server().stop(std::chrono::seconds(1));  // returns, or the test is ended by its time limit
}

TEST_F(ServerTest, TwoServersDoNotShareAPort) {
  const config::Listener same{{"127.0.0.1", server().port()}, config::Side::world, {}};
  const Current<config::Config> config(std::make_shared<const config::Config>(settings()));
  const SystemClock clock;
  EXPECT_THROW(smtp::Server(same, config, nullptr, clock, Log::none()), Error);
}

TEST_F(ServerTest, FiftySessionsAtOnceLoseNothing) {
  constexpr std::size_t sessions = 50, each = 5;
  static_cast<void>(server());
  std::vector<std::thread> threads;
  std::atomic<std::size_t> queued{0};
  for (std::size_t i = 0; i < sessions; ++i) {
    threads.emplace_back([&] {
      auto talker = greeted();
      for (std::size_t n = 0; n < each; ++n)
        queued += deliver(talker).starts_with("250 2.0.0 queued") ? 1U : 0U;
      talker.ask("QUIT");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(queued, sessions * each);
  std::set<std::string> ids;
  for (const auto& [envelope, octets] : accepted()) ids.insert(envelope.id);
  EXPECT_EQ(ids.size(), sessions * each);
}

}  // namespace
}  // namespace siegel::tests
