#include "tests/portal/portal_fixture.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>
#include <sys/wait.h>

#include "base/ascii.h"
#include "tests/support/files.h"

namespace siegel::tests {

int Heard::status() const {
  return head.starts_with("HTTP/1.1 ") ? std::stoi(head.substr(9, 3)) : 0;
}

std::string Heard::field(const std::string& name) const {
  const std::string lower = ascii::lower(head);
  const auto at = lower.find("\r\n" + ascii::lower(name) + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawClient::RawClient(std::uint16_t port) : socket_(Poco::Net::SocketAddress("127.0.0.1", port)) {
  socket_.setReceiveTimeout(Poco::Timespan(20, 0));
}

RawClient& RawClient::send(const std::string& octets) {
  try {
    socket_.sendBytes(octets.data(), static_cast<int>(octets.size()), MSG_NOSIGNAL);
  } catch (const Poco::Exception&) {  // closed; what is heard then tells it
    return *this;
  }
  return *this;
}

bool RawClient::fill() {
  std::array<char, 16384> octets{};
  try {
    const int got = socket_.receiveBytes(octets.data(), static_cast<int>(octets.size()));
    if (got <= 0) return false;
    in_.append(octets.data(), static_cast<std::size_t>(got));
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

std::string RawClient::take(std::size_t octets) {
  while (in_.size() < octets && fill()) {
  }
  const std::string taken = in_.substr(0, octets);
  in_.erase(0, taken.size());
  return taken;
}

std::string RawClient::take_chunks() {
  std::string body;
  while (true) {
    while (in_.find("\r\n") == std::string::npos) {
      if (!fill()) return body + "(cut)";
    }
    const std::string line = take(in_.find("\r\n") + 2);
    const auto size = std::stoul(line, nullptr, 16);
    body += take(size);
    take(2);
    if (size == 0) return body;
  }
}

Heard RawClient::hear_head() {
  while (in_.find("\r\n\r\n") == std::string::npos) {
    if (!fill()) return {};
  }
  return {take(in_.find("\r\n\r\n") + 4), {}};
}

Heard RawClient::hear() {
  Heard heard = hear_head();
  if (heard.field("Transfer-Encoding") == "chunked")
    heard.body = take_chunks();
  else if (const std::string length = heard.field("Content-Length"); !length.empty())
    heard.body = take(std::stoul(length));
  return heard;
}

std::string RawClient::hear_all() {
  while (fill()) {
  }
  return take(in_.size());
}

std::string RawClient::local_ip() const {
  return socket_.address().host().toString();
}

Said run(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  Said said;
  std::array<char, 4096> octets{};
  while (const std::size_t got = std::fread(octets.data(), 1, octets.size(), pipe))
    said.output.append(octets.data(), got);
  const int status = ::pclose(pipe);
  said.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return said;
}

PortalFixture::PortalFixture() : limits_(clock_) {
  config_.transfer.emplace();
  settings().listen = {{"127.0.0.1", 0}};
  settings().limits.requests_per_minute = 100000;
}

PortalFixture::~PortalFixture() = default;

void PortalFixture::TearDown() {
  if (server_) server_->stop(std::chrono::seconds(0));
}

void PortalFixture::use_tls() {
  certificates_ = TestCertificates::make(directory_.path(), "localhost");
  settings().tls = config::TlsFiles{certificates_->certificate, certificates_->key};
}

portal::Server& PortalFixture::server() {
  if (server_) return *server_;
  current_ = std::make_unique<Current<config::Config>>(std::make_shared<config::Config>(config_));
  portal::Service service{routes_, error_page_, is_healthy_, limits_, patience_};
  server_ = std::make_unique<portal::Server>(*current_, std::move(service), clock_,
                                             Log::to_file((directory_ / "log").string()));
  server_->start();
  return *server_;
}

Said PortalFixture::curl(const std::string& arguments, const std::string& path) {
  const std::string port = std::to_string(server().port());
  const std::string ca = certificates_ ? " --cacert " + certificates_->ca.string() : "";
  const std::string scheme = certificates_ ? "https" : "http";
  return run("curl --silent --max-time 60 --noproxy '*' --ipv4" + ca + ' ' + arguments + " '" +
             scheme + "://localhost:" + port + path + "' 2>&1");
}

std::string PortalFixture::log_text() const {
  return read_file(directory_ / "log");
}

portal::Handler saying(const std::string& text) {
  return [text](portal::Request& /*request*/) {
    return portal::Response::text(200, "text/plain", text);
  };
}

portal::Stream counting_stream(std::uint64_t size) {
  struct Counter {
    std::string piece;
    std::uint64_t left = 0;
  };
  auto counter = std::make_shared<Counter>();
  counter->left = size;
  while (counter->piece.size() < 65530) counter->piece += "0123456789";
  return {[counter] {
            const auto most = std::min<std::uint64_t>(counter->left, counter->piece.size());
            counter->left -= most;
            return std::string_view(counter->piece).substr(0, static_cast<std::size_t>(most));
          },
          size};
}

}  // namespace siegel::tests
