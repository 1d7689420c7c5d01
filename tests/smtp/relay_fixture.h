#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/guarded.h"
#include "gateway/smtp/channel.h"
#include "gateway/smtp/server.h"
#include "tests/smtp/certificates.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// A client that a test holds in its hand: one line or some octets at a time, over a real socket.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port);

  TestClient& say(const std::string& line) { return send(line + "\r\n"); }
  TestClient& send(const std::string& octets);
  /// One line from the server, without CRLF; "(closed)" if it has closed, "(silent)" after 5 s.
  std::string hear_line();
  /// One whole reply; its lines are divided by '|'.
  std::string hear();
  /// say, then hear.
  std::string ask(const std::string& line) { return say(line).hear(); }
  /// EHLO, MAIL and RCPT up to DATA's 354, or what the server said instead.
  std::string begin(const std::string& from, const std::string& to);
  void start_tls();
  void close() { channel_.reset(); }

 private:
  std::unique_ptr<smtp::Channel> channel_;
};

/// A real server on a free port of loopback, and what it has accepted.
class RelayFixture : public testing::Test {
 public:
  using Accepted = std::pair<mail::Envelope, std::string>;

  RelayFixture();
  ~RelayFixture() override;

  // The set-up: before the first client.
  config::Config& settings() { return settings_; }
  void inside() { side_ = config::Side::inside; }
  void allow_clients(const std::string& network) { networks_.push_back(network); }
  void offer_tls();
  /// What accept does after it has recorded; by default it says "queued".
  void answer_with(smtp::Accept answer) { answer_ = std::move(answer); }

  /// The server, started by the first call.
  smtp::Server& server();
  TestClient client() { return TestClient(server().port()); }
  /// A client that has heard the greeting.
  TestClient greeted();
  /// The configuration is replaced while the server runs.
  void reload();

  [[nodiscard]] std::vector<Accepted> accepted() const;
  /// All log lines so far.
  [[nodiscard]] std::string log_text() const;
  TemporaryDirectory& directory() { return directory_; }
  [[nodiscard]] const TestCertificates& certificates() const { return *certificates_; }

 private:
  TemporaryDirectory directory_;
  ManualClock clock_;
  config::Config settings_;
  config::Side side_ = config::Side::world;
  std::vector<std::string> networks_;
  std::optional<TestCertificates> certificates_;
  smtp::Accept answer_;
  Guarded<std::vector<Accepted>> accepted_;
  std::unique_ptr<Current<config::Config>> current_;
  std::unique_ptr<smtp::Server> server_;
};

}  // namespace siegel::tests
