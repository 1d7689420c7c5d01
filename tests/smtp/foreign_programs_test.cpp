// Our server and our client against programs that others wrote: swaks, and Postfix's smtp-source
// and smtp-sink. They are part of the test packages; where one is missing its tests are skipped.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/smtp/client.h"
#include "tests/smtp/relay_fixture.h"

namespace siegel::tests {
namespace {

using Words = std::vector<std::string>;

/// A program in the background, ended by its number.
class Program {
 public:
  explicit Program(const Words& words) {
    std::vector<char*> arguments;  // made before fork: other threads may hold the heap's lock
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    number_ = ::fork();
    if (number_ != 0) return;
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (number_ <= 0) return;
    ::kill(number_, SIGTERM);
    static_cast<void>(exit_code());
  }
  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(number_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t number_ = -1;
};

bool is_missing(const std::string& program) {
  return !std::filesystem::exists(program);
}

class ForeignProgramsTest : public RelayFixture {
 protected:
  std::string address() { return "127.0.0.1:" + std::to_string(server().port()); }
};

constexpr const char* swaks = "/usr/bin/swaks";
constexpr const char* smtp_source = "/usr/sbin/smtp-source";
constexpr const char* smtp_sink = "/usr/sbin/smtp-sink";

TEST_F(ForeignProgramsTest, SwaksSendsDotsInAPipeline) {
  if (is_missing(swaks)) GTEST_SKIP() << "swaks is not installed";
  EXPECT_EQ(
      Program({swaks, "--server", address(), "--from", "peer@remote.example", "--to",
               "anna@stadt.example", "--pipeline", "--silent", "3", "--body", ".dots\n..\n.\n"})
          .exit_code(),
      0);
  ASSERT_EQ(accepted().size(), 1U);
  EXPECT_THAT(accepted().at(0).second, testing::HasSubstr("\r\n.dots\r\n..\r\n.\r\n"));
}

TEST_F(ForeignProgramsTest, SwaksSpeaksTlsWithUs) {
  if (is_missing(swaks) || Program({"/usr/bin/perl", "-MNet::SSLeay", "-e1"}).exit_code() != 0)
    GTEST_SKIP() << "swaks or libnet-ssleay-perl is not installed";
  offer_tls();
  EXPECT_EQ(Program({swaks, "--server", address(), "--from", "peer@remote.example", "--to",
                     "anna@stadt.example", "--tls", "--silent", "3"})
                .exit_code(),
            0);
  ASSERT_EQ(accepted().size(), 1U);
  EXPECT_TRUE(accepted().at(0).first.tls);
}

TEST_F(ForeignProgramsTest, SwaksIsNoRelayClient) {
  if (is_missing(swaks)) GTEST_SKIP() << "swaks is not installed";
  EXPECT_EQ(Program({swaks, "--server", address(), "--from", "peer@remote.example", "--to",
                     "x@other.example", "--silent", "3"})
                .exit_code(),
            24);  // its code for: no recipient was accepted
  EXPECT_TRUE(accepted().empty());
}

TEST_F(ForeignProgramsTest, SmtpSourceInTwentySessions) {
  if (is_missing(smtp_source)) GTEST_SKIP() << "smtp-source is not installed";
  EXPECT_EQ(Program({smtp_source, "-s", "20", "-m", "200", "-l", "5000", "-f",
                     "peer@remote.example", "-t", "anna@stadt.example", address()})
                .exit_code(),
            0);
  EXPECT_EQ(accepted().size(), 200U);
}

/// Postfix's sink on a port that was free a moment ago.
class Sink {
 public:
  explicit Sink(const Words& options) : port_(free_port()), program_(words(options)) { wait(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  static std::uint16_t free_port() {
    return Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)).address().port();
  }
  [[nodiscard]] Words words(const Words& options) const {
    Words all{smtp_sink};
    if (::getuid() == 0) all.insert(all.end(), {"-u", "nobody"});
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), {"127.0.0.1:" + std::to_string(port_), "10"});
    return all;
  }
  void wait() const {
    for (int i = 0; i < 500; ++i) {
      try {
        const Poco::Net::StreamSocket up(Poco::Net::SocketAddress("127.0.0.1", port_));
        return;
      } catch (const Poco::Exception&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
    ADD_FAILURE() << "smtp-sink did not start";
  }
  std::uint16_t port_;
  Program program_;
};

std::vector<smtp::Outcome> deliver_to(const Sink& sink) {
  config::Delivery hop;
  hop.to.host = "127.0.0.1";
  hop.to.port = sink.port();
  mail::Envelope envelope;
  envelope.id = "test";
  envelope.reverse_path = Address::parse("anna@stadt.example");
  for (const char* const to : {"a@remote.example", "b@remote.example"})
    envelope.recipients.push_back({Address::parse(to).value(), {}, {}});
  return smtp::deliver(hop, "gateway.stadt.example", envelope, Blob("Subject: x\r\n\r\n.dots\r\n"));
}

TEST(ForeignSink, TakesOurMail) {
  if (is_missing(smtp_sink)) GTEST_SKIP() << "smtp-sink is not installed";
  const Sink sink({});
  for (const smtp::Outcome& outcome : deliver_to(sink))
    EXPECT_EQ(outcome.kind, smtp::Outcome::Kind::delivered) << outcome.text;
}

TEST(ForeignSink, ThatKnowsNoEhloGetsHelo) {
  if (is_missing(smtp_sink)) GTEST_SKIP() << "smtp-sink is not installed";
  const Sink sink({"-e"});
  EXPECT_EQ(deliver_to(sink).at(0).kind, smtp::Outcome::Kind::relayed);
}

TEST(ForeignSink, ThatFailsSoftlyDefersAndThatFailsHardRefuses) {
  if (is_missing(smtp_sink)) GTEST_SKIP() << "smtp-sink is not installed";
  EXPECT_EQ(deliver_to(Sink({"-r", "RCPT"})).at(1).kind, smtp::Outcome::Kind::deferred);
  EXPECT_EQ(deliver_to(Sink({"-f", "RCPT"})).at(1).kind, smtp::Outcome::Kind::refused);
}

TEST(ForeignSink, ThatHangsUpDefers) {
  if (is_missing(smtp_sink)) GTEST_SKIP() << "smtp-sink is not installed";
  EXPECT_EQ(deliver_to(Sink({"-q", "DATA"})).at(0).status, "4.4.2");
}

}  // namespace
}  // namespace siegel::tests
