#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include "gateway/portal/server.h"
#include "tests/smtp/certificates.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// One response as it stood on the wire.
struct Heard {
  std::string head;  ///< with the empty line
  std::string body;  ///< without the framing of chunks
  [[nodiscard]] int status() const;
  /// "" if there is no such field.
  [[nodiscard]] std::string field(const std::string& name) const;
};

/// A client that a test holds in its hand: octets go out as they are.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  RawClient& send(const std::string& octets);
  /// The next response; its status is 0 if the server has closed, or is silent for 20 s.
  Heard hear();
  /// hear() for what answers HEAD.
  Heard hear_head();
  /// All until the server closes.
  std::string hear_all();
  /// True if the server closes now, without another word.
  bool is_closed() { return hear_all().empty(); }
  void close() { socket_.close(); }
  [[nodiscard]] std::string local_ip() const;

 private:
  bool fill();
  std::string take(std::size_t octets);
  std::string take_chunks();

  Poco::Net::StreamSocket socket_;
  std::string in_;
};

/// What a program has said.
struct Said {
  int exit_code = -1;
  std::string output;
};
/// Runs a shell command.
Said run(const std::string& command);

/// A real server on a free port of loopback. Set it up before the first client.
class PortalFixture : public testing::Test {
 public:
  PortalFixture();
  ~PortalFixture() override;

  config::TransferSettings& settings() { return *config_.transfer; }
  portal::Patience& patience() { return patience_; }
  /// Before a test's own members go, which handlers may use.
  void TearDown() override;
  void use_tls();
  void serve(const std::string& method, const std::string& pattern, portal::Handler handler) {
    routes_.add(method, pattern, std::move(handler));
  }
  void set_error_page(
      std::function<portal::Response(const portal::Problem&, const portal::Request&)> page) {
    error_page_ = std::move(page);
  }
  void set_health(std::function<bool()> is_healthy) { is_healthy_ = std::move(is_healthy); }

  /// The server, started by the first call.
  portal::Server& server();
  RawClient client() { return RawClient(server().port()); }
  /// One request on a connection of its own.
  Heard ask(const std::string& octets) { return client().send(octets).hear(); }
  Heard get(const std::string& path) { return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"); }
  /// curl --silent against "https://localhost:port" (or http), whose CA it knows.
  Said curl(const std::string& arguments, const std::string& path);

  ManualClock& clock() { return clock_; }
  TemporaryDirectory& directory() { return directory_; }
  [[nodiscard]] std::string log_text() const;
  portal::ClientLimits& limits() { return limits_; }

 private:
  TemporaryDirectory directory_;
  ManualClock clock_;
  config::Config config_;
  std::optional<TestCertificates> certificates_;
  portal::Router routes_;
  portal::Patience patience_;
  std::function<portal::Response(const portal::Problem&, const portal::Request&)> error_page_;
  std::function<bool()> is_healthy_;
  portal::ClientLimits limits_;
  std::unique_ptr<Current<config::Config>> current_;
  std::unique_ptr<portal::Server> server_;
};

/// A handler that says the same to everybody.
portal::Handler saying(const std::string& text);
/// A stream of `size` octets, counting "0123456789" over and over.
portal::Stream counting_stream(std::uint64_t size);

}  // namespace siegel::tests
