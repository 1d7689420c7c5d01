// A whole client stream against a session on a socket pair, with an accept function that checks
// what it is given.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <thread>

#include <Poco/Net/StreamSocketImpl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/smtp/session.h"

namespace {

using namespace siegel;

constexpr std::size_t stream_limit = 16384;

/// A connected socket that did not come from an address.
class Adopted : public Poco::Net::StreamSocket {
 public:
  explicit Adopted(int descriptor)
      : Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(descriptor)) {}
};

// What the relay relies on: recipients of our domains, and lines that end with CRLF only.
smtp::Reply take(const mail::Envelope& envelope, const Blob& octets) {
  if (envelope.recipients.empty() || envelope.id.size() != 16) std::abort();
  for (const auto& recipient : envelope.recipients) {
    if (recipient.address.domain() != "stadt.example") std::abort();
  }
  char last = '\0';
  for (const char octet : octets.view()) {
    if (octet == '\0' || (octet == '\n') != (last == '\r')) std::abort();
    last = octet;
  }
  if (last == '\r') std::abort();
  return smtp::replies::queued(envelope.id);
}

std::shared_ptr<const config::Config> make_config() {
  config::Config config;
  config.name = "gateway.stadt.example";
  config.domains = {"stadt.example"};
  config.storage.directory = "/tmp";
  config.relay.limits.message_octets = 4096;
  config.relay.limits.recipients = 5;
  return std::make_shared<const config::Config>(config);
}

/// Sends `stream` in the pieces that octets 0xFF mark, each once the session has answered the one
/// before or has kept silent for a moment: what must wait for its reply gets beyond EHLO that way.
void talk(int client, std::string_view stream) {
  std::array<char, 4096> replies;  // only emptied, never looked at
  for (std::size_t pieces = 0; !stream.empty() && pieces < 16; ++pieces) {
    const std::string_view piece = stream.substr(0, stream.find('\xFF'));
    stream.remove_prefix(std::min(piece.size() + 1, stream.size()));
    static_cast<void>(::send(client, piece.data(), piece.size(), MSG_NOSIGNAL));
    pollfd answered{client, POLLIN, 0};
    if (::poll(&answered, 1, 20) > 0 && ::recv(client, replies.data(), replies.size(), 0) == 0)
      break;
  }
  ::shutdown(client, SHUT_WR);
  while (::recv(client, replies.data(), replies.size(), 0) > 0) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Current<config::Config> config(make_config());
  static const SystemClock clock;
  static smtp::Service service{{}, config, take, clock, Log::none(), smtp::TlsCache(Log::none()),
                               {}};
  if (size > stream_limit) return 0;

  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::abort();
  std::thread server([&] {
    smtp::Session session{Adopted(ends[0]), "192.0.2.1", service};
    if (session.greet()) session.converse();
  });
  std::array<char, 512> greeting{};
  if (::recv(ends[1], greeting.data(), greeting.size(), 0) <= 0) std::abort();
  talk(ends[1], {reinterpret_cast<const char*>(data), size});
  server.join();
  ::close(ends[1]);
  return 0;
}
