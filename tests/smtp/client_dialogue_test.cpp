// Runs every dialogue of tests/data/smtp/client: our client against a host that follows the file.
//   ! tls none|opportunistic|verified    default none
//   ! certificate HOST                   whom the host's certificate names; default 127.0.0.1
//   ! from ADDRESS, ! to ADDRESS         to: one line a recipient
//   ! notify success | never             of all recipients; ! orcpt TEXT likewise
//   ! message TEXT, ! smtputf8 on, ! ret hdrs, ! envid TEXT
//   ! patience SECONDS                   all timeouts
//   = KIND STATUS TEXT                   the outcomes, in the order of the recipients
// After S/ or C/ the next step is on a new connection.

#include <thread>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <gtest/gtest.h>

#include "gateway/smtp/conversation.h"
#include "tests/smtp/certificates.h"
#include "tests/smtp/dialogue.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using smtp::Channel;
using smtp::Outcome;

Channel::Patience soon() {
  return {std::chrono::steady_clock::now() + std::chrono::seconds(5)};
}

/// A host that says and expects what a file says, on a thread of its own.
class ScriptedHost {
 public:
  ScriptedHost(const Dialogue& dialogue, const TestCertificates& certificates)
      : socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
        tls_(smtp::TlsSettings::server({certificates.certificate, certificates.key})),
        thread_([this, &dialogue] { play(dialogue); }) {}
  ~ScriptedHost() {
    if (thread_.joinable()) thread_.join();
  }
  ScriptedHost(const ScriptedHost&) = delete;
  ScriptedHost& operator=(const ScriptedHost&) = delete;

  [[nodiscard]] std::uint16_t port() const { return socket_.address().port(); }
  /// Waits for the end of the file; what did not go as it says.
  std::string complaints() {
    thread_.join();
    return complaints_;
  }

 private:
  void play(const Dialogue& dialogue) {
    for (const DialogueStep& step : dialogue.steps) {
      if (step.kind == "!" || step.kind == "=" || !complaints_.empty()) continue;
      if (!connect()) continue;
      play_step(step);
      if (step.kind == "S/" || step.kind == "C/") channel_.reset();
    }
    channel_.reset();
  }

  bool connect() {
    if (channel_) return true;
    if (!socket_.poll(Poco::Timespan(5, 0), Poco::Net::Socket::SELECT_READ)) {
      complaints_ += "nobody connected\n";
      return false;
    }
    channel_.emplace(socket_.acceptConnection());
    return true;
  }

  void play_step(const DialogueStep& step) {
    if (step.kind == "S:") channel_->write(step.text + "\r\n");
    if (step.kind == "S!") channel_->write(step.text);
    if (step.kind == "C:") expect(step);
    if (step.kind == "C/" && channel_->read_line(1000, soon()).state != Channel::State::closed)
      complaints_ += "line " + std::to_string(step.line) + ": the client did not close\n";
    static_cast<void>(channel_->flush(soon()));
    // A handshake that fails is the client's to report.
    if (step.kind == "TLS")
      static_cast<void>(channel_->start_tls(smtp::Tls::accepting(tls_), soon()));
  }

  void expect(const DialogueStep& step) {
    const std::string heard = channel_->read_line(10000, soon()).text;
    if (heard != step.text)
      complaints_ += "line " + std::to_string(step.line) + ": expected \"" + step.text +
                     "\", heard \"" + heard + "\"\n";
  }

  Poco::Net::ServerSocket socket_;
  smtp::TlsSettings tls_;
  std::optional<Channel> channel_;
  std::string complaints_;
  std::thread thread_;
};

std::string kind_name(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::delivered:
      return "delivered";
    case Outcome::Kind::relayed:
      return "relayed";
    case Outcome::Kind::deferred:
      return "deferred";
    default:
      return "refused";
  }
}

class ClientDialogue : public testing::TestWithParam<std::filesystem::path> {
 protected:
  static std::string setting(const Dialogue& dialogue, const std::string& word,
                             const std::string& otherwise) {
    const auto values = dialogue.settings(word);
    return values.empty() ? otherwise : values.front();
  }

  static mail::Envelope envelope_of(const Dialogue& dialogue) {
    mail::Envelope envelope;
    envelope.id = "test";
    envelope.reverse_path = Address::parse(setting(dialogue, "from", "anna@stadt.example"));
    envelope.smtputf8 = !dialogue.settings("smtputf8").empty();
    envelope.return_headers_only = !dialogue.settings("ret").empty();
    envelope.envid = setting(dialogue, "envid", "");
    mail::Notify notify;
    notify.success = setting(dialogue, "notify", "") == "success";
    notify.never = setting(dialogue, "notify", "") == "never";
    for (const std::string& to : dialogue.settings("to"))
      envelope.recipients.push_back(
          {Address::parse(to).value(), notify, setting(dialogue, "orcpt", "")});
    return envelope;
  }

  static std::vector<Outcome> deliver(const Dialogue& dialogue, std::uint16_t port,
                                      const TestCertificates& certificates) {
    config::Delivery hop;
    hop.to.host = "127.0.0.1";
    hop.to.port = port;
    const std::string tls = setting(dialogue, "tls", "none");
    hop.tls = tls == "none"       ? config::TlsDemand::none
              : tls == "verified" ? config::TlsDemand::verified
                                  : config::TlsDemand::opportunistic;
    if (tls == "verified") hop.ca_file = certificates.ca;
    const std::chrono::seconds all(std::stoi(setting(dialogue, "patience", "5")));
    smtp::Conversation conversation(hop, "gateway.stadt.example", {all, all, all, all, all, all});
    return conversation.deliver(envelope_of(dialogue),
                                Blob(setting(dialogue, "message", "Subject: x\r\n\r\nhello\r\n")));
  }

  static void check(const Dialogue& dialogue, const std::vector<Outcome>& outcomes) {
    std::size_t next = 0;
    for (const DialogueStep& step : dialogue.steps) {
      if (step.kind != "=") continue;
      ASSERT_LT(next, outcomes.size());
      const Outcome& outcome = outcomes[next++];
      const std::string told = kind_name(outcome.kind) + ' ' + outcome.status + ' ' + outcome.text;
      EXPECT_EQ(told.substr(0, step.text.size()), step.text) << told;
    }
    EXPECT_EQ(next, outcomes.size()) << "one = line for each recipient";
  }
};

TEST_P(ClientDialogue, IsHeld) {
  const Dialogue dialogue = Dialogue::read(GetParam());
  SCOPED_TRACE(GetParam().filename().string() + " " + dialogue.title);
  const TemporaryDirectory directory;
  const auto certificates =
      TestCertificates::make(directory.path(), setting(dialogue, "certificate", "127.0.0.1"));
  ScriptedHost host(dialogue, certificates);
  const auto outcomes = deliver(dialogue, host.port(), certificates);
  EXPECT_EQ(host.complaints(), "");
  check(dialogue, outcomes);
}

INSTANTIATE_TEST_SUITE_P(Files, ClientDialogue, testing::ValuesIn(dialogues_in("client")),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace siegel::tests
