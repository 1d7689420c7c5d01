#include "tests/smtp/relay_fixture.h"

#include <stdexcept>

#include <Poco/Net/SocketAddress.h>

#include "tests/support/files.h"

namespace siegel::tests {
namespace {

smtp::Channel::Patience soon() {
  return {std::chrono::steady_clock::now() + std::chrono::seconds(5)};
}

}  // namespace

TestClient::TestClient(std::uint16_t port) {
  const Poco::Net::SocketAddress address("127.0.0.1", port);
  channel_ = std::make_unique<smtp::Channel>(Poco::Net::StreamSocket(address));
}

TestClient& TestClient::send(const std::string& octets) {
  channel_->write(octets);
  static_cast<void>(channel_->flush(soon()));  // a server that has gone is heard, not felt
  return *this;
}

std::string TestClient::hear_line() {
  const auto line = channel_->read_line(4096, soon());
  if (line.end == smtp::Channel::Line::End::crlf) return line.text;
  return line.state == smtp::Channel::State::timed_out ? "(silent)" : "(closed)";
}

std::string TestClient::hear() {
  std::string reply = hear_line();
  std::string last = reply;
  while (last.size() > 3 && last[3] == '-') {
    last = hear_line();
    reply += '|' + last;
  }
  return reply;
}

std::string TestClient::begin(const std::string& from, const std::string& to) {
  const std::string commands[] = {"EHLO client.example", "MAIL FROM:<" + from + '>',
                                  "RCPT TO:<" + to + '>'};
  for (const std::string& command : commands) {
    const std::string reply = ask(command);
    if (!reply.starts_with("250")) return reply;
  }
  return ask("DATA");
}

void TestClient::start_tls() {
  const auto settings = smtp::TlsSettings::opportunistic_client();
  const auto failed =
      channel_->start_tls(smtp::Tls::connecting(settings, "gateway.example"), soon());
  if (failed) throw std::runtime_error("TLS: " + *failed);
}

RelayFixture::RelayFixture() {
  settings_.name = "gateway.stadt.example";
  settings_.domains = {"stadt.example"};
  settings_.storage.directory = directory_.path();
  settings_.relay.limits.command_timeout = std::chrono::seconds(10);
  settings_.relay.limits.data_timeout = std::chrono::seconds(10);
  answer_ = [](const mail::Envelope& envelope, const Blob&) {
    return smtp::replies::queued(envelope.id);
  };
}

RelayFixture::~RelayFixture() {
  server_.reset();
}

void RelayFixture::offer_tls() {
  certificates_ = TestCertificates::make(directory_.path(), "127.0.0.1");
  settings_.relay.tls = config::TlsFiles{certificates_->certificate, certificates_->key};
}

smtp::Server& RelayFixture::server() {
  if (server_) return *server_;
  config::Listener listener{{"127.0.0.1", 0}, side_, {}};
  if (side_ == config::Side::inside && networks_.empty()) allow_clients("127.0.0.0/8");
  for (const std::string& network : networks_) listener.clients.push_back({network});
  reload();
  const auto accept = [this](const mail::Envelope& envelope, Blob octets) {
    accepted_.with([&](auto& all) { all.emplace_back(envelope, std::string(octets.view())); });
    return answer_(envelope, std::move(octets));
  };
  server_ = std::make_unique<smtp::Server>(listener, *current_, accept, clock_,
                                           Log::to_file((directory_ / "log").string()));
  server_->start();
  return *server_;
}

TestClient RelayFixture::greeted() {
  TestClient made = client();
  EXPECT_EQ(made.hear(), "220 gateway.stadt.example ESMTP Siegel");
  return made;
}

void RelayFixture::reload() {
  auto next = std::make_shared<const config::Config>(settings_);
  if (current_)
    current_->store(std::move(next));
  else
    current_ = std::make_unique<Current<config::Config>>(std::move(next));
}

std::vector<RelayFixture::Accepted> RelayFixture::accepted() const {
  return accepted_.with([](const auto& all) { return all; });
}

std::string RelayFixture::log_text() const {
  return read_file(directory_ / "log");
}

}  // namespace siegel::tests
