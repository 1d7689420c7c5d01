// Runs every dialogue of tests/data/smtp/server against a real server on a loopback socket.
//   ! side inside          the listener's side; default world
//   ! clients 10.0.0.0/8   who may speak
//   ! tls on               offers STARTTLS
//   ! limit NAME NUMBER    message, recipients, command_timeout, data_timeout
//   = accepted 2           so many messages so far
//   = message TEXT         the octets of the last one

#include <gtest/gtest.h>

#include "tests/smtp/dialogue.h"
#include "tests/smtp/relay_fixture.h"

namespace siegel::tests {
namespace {

class ServerDialogue : public RelayFixture,
                       public testing::WithParamInterface<std::filesystem::path> {
 protected:
  void set_up(const Dialogue& dialogue) {
    for (const std::string& side : dialogue.settings("side")) {
      if (side == "inside") inside();
    }
    for (const std::string& network : dialogue.settings("clients")) allow_clients(network);
    if (!dialogue.settings("tls").empty()) offer_tls();
    for (const std::string& limit : dialogue.settings("limit")) set_limit(limit);
  }

  void set_limit(const std::string& text) {
    const std::string name = text.substr(0, text.find(' '));
    const auto number = static_cast<std::uint32_t>(std::stoul(text.substr(name.size())));
    auto& limits = settings().relay.limits;
    if (name == "message") limits.message_octets = number;
    if (name == "recipients") limits.recipients = number;
    if (name == "command_timeout") limits.command_timeout = std::chrono::seconds(number);
    if (name == "data_timeout") limits.data_timeout = std::chrono::seconds(number);
  }

  void check(const std::string& claim) {
    if (claim.starts_with("accepted "))
      EXPECT_EQ(accepted().size(), std::stoul(claim.substr(9)));
    else if (claim.starts_with("message ") && !accepted().empty())
      EXPECT_EQ(accepted().back().second, claim.substr(8));
    else
      ADD_FAILURE() << "does not hold: " << claim;
  }

  // Client lines in a row go in one packet: that is what pipelining means.
  void play(const Dialogue& dialogue) {
    auto talker = client();
    std::string packet;
    for (const DialogueStep& step : dialogue.steps) {
      SCOPED_TRACE("line " + std::to_string(step.line) + ": " + step.text);
      if (step.kind == "C:") packet += step.text + "\r\n";
      if (step.kind == "C!") packet += step.text;
      if (step.kind.front() == 'C' && step.kind != "C/") continue;
      if (!packet.empty()) talker.send(std::exchange(packet, {}));
      play_step(step, talker);
      if (HasFailure()) return;
    }
  }

  void play_step(const DialogueStep& step, TestClient& talker) {
    if (step.kind == "S:") {
      EXPECT_EQ(talker.hear_line().substr(0, step.text.size()), step.text);
    }
    if (step.kind == "S*") {
      EXPECT_EQ(talker.hear().substr(0, step.text.size()), step.text);
    }
    if (step.kind == "S/") {
      EXPECT_EQ(talker.hear_line(), "(closed)");
    }
    if (step.kind == "C/") {
      talker.close();
      server().stop(std::chrono::seconds(5));  // the session has seen it by then
    }
    if (step.kind == "TLS") talker.start_tls();
    if (step.kind == "=") check(step.text);
  }
};

TEST_P(ServerDialogue, IsHeld) {
  const Dialogue dialogue = Dialogue::read(GetParam());
  SCOPED_TRACE(GetParam().filename().string() + " " + dialogue.title);
  set_up(dialogue);
  play(dialogue);
}

INSTANTIATE_TEST_SUITE_P(Files, ServerDialogue, testing::ValuesIn(dialogues_in("server")),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace siegel::tests
