#include "gateway/smtp/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>
#include <fcntl.h>
#include <poll.h>

#include "base/error.h"
#include "base/guarded.h"
#include "gateway/smtp/listening.h"
#include "gateway/smtp/session.h"
#include "gateway/smtp/workers.h"

namespace siegel::smtp {
namespace {

using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

constexpr int backlog = 256;
constexpr int pause_after_failure = 200;  // milliseconds; accept fails when descriptors run out

std::string ip_of(const SocketAddress& client) {
  const std::string ip = client.host().toString();
  return ip.substr(0, ip.find('%'));  // without the scope of a link-local address
}

// The client hears why, if its socket takes the few octets at once; nobody waits for it.
void turn_away(StreamSocket& socket, const Reply& reply) {
  const std::string octets = reply.wire();
  socket.setBlocking(false);
  socket.sendBytes(octets.data(), static_cast<int>(octets.size()), MSG_NOSIGNAL);
}

}  // namespace

class Server::Running {
 public:
  Running(const config::Listener& listener, const Current<config::Config>& config, Accept accept,
          const Clock& clock, const Log& log)
      : service_{listener, config, std::move(accept), clock, log, TlsCache(log), {}},
        socket_(listening_socket(listener.at, backlog, "relay.listen")),
        port_(socket_.address().port()) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { stop(std::chrono::seconds(0)); }

  void start() {
    acceptor_ = std::thread([this] { accept_clients(); });
  }
  void stop(std::chrono::seconds grace);
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  // Shared by our own count of owners, not by Poco's: ThreadSanitizer sees who lets go first.
  using Connection = std::shared_ptr<StreamSocket>;
  struct Present {
    std::uint32_t total = 0;
    std::map<std::string, std::uint32_t> of_client;
  };

  void accept_clients();
  [[nodiscard]] bool await_client() const;
  void accept_one();
  void welcome(const Connection& connection, const std::string& ip);
  [[nodiscard]] std::optional<Reply> admit(const std::string& ip);
  void leave(const std::string& ip);
  void serve(const StreamSocket& socket, const std::string& ip) noexcept;

  Service service_;
  ServerSocket socket_;
  std::uint16_t port_;
  Guarded<Present> present_;
  Workers workers_;
  std::thread acceptor_;
};

void Server::Running::stop(std::chrono::seconds grace) {
  service_.stop.raise(std::chrono::steady_clock::now() + grace);
  if (acceptor_.joinable()) acceptor_.join();
  socket_.close();
  workers_.finish();
}

// False once the server stops.
bool Server::Running::await_client() const {
  std::array<pollfd, 2> watched{
      {{socket_.impl()->sockfd(), POLLIN, 0}, {service_.stop.descriptor(), POLLIN, 0}}};
  ::poll(watched.data(), watched.size(), -1);
  return !service_.stop.raised();
}

void Server::Running::accept_clients() {
  while (await_client()) {
    try {
      accept_one();
    } catch (const std::exception& failed) {  // Poco's errors too; the daemon lives on
      service_.log.alarm("accept_failed", {{"why", failed.what()}});
      pollfd stop{service_.stop.descriptor(), POLLIN, 0};
      ::poll(&stop, 1, pause_after_failure);
    }
  }
}

void Server::Running::accept_one() {
  SocketAddress client;
  Connection connection;
  try {
    connection = std::make_shared<StreamSocket>(socket_.acceptConnection(client));
  } catch (const Poco::Exception& failed) {
    if (failed.code() == EAGAIN || failed.code() == ECONNABORTED) return;  // gone before we came
    throw;
  }
  ::fcntl(connection->impl()->sockfd(), F_SETFD, FD_CLOEXEC);
  connection->setNoDelay(true);
  welcome(connection, ip_of(client));
}

void Server::Running::welcome(const Connection& connection, const std::string& ip) {
  if (const auto refused = admit(ip)) {
    service_.log.info("client_refused", {{"client", ip}, {"reply", refused->str()}});
    turn_away(*connection, *refused);
    return;
  }
  try {
    workers_.start([this, connection, ip] { serve(*connection, ip); });
  } catch (...) {
    leave(ip);
    throw;
  }
}

std::optional<Reply> Server::Running::admit(const std::string& ip) {
  const auto& clients = service_.listener.clients;
  const bool listed = std::ranges::any_of(
      clients, [&](const config::Network& network) { return network.contains(ip); });
  const bool open_to_all = clients.empty() && service_.listener.side == config::Side::world;
  if (!listed && !open_to_all) return replies::client_denied();

  const auto config = service_.config.load();
  return present_.with([&](Present& present) -> std::optional<Reply> {
    const auto known = present.of_client.find(ip);
    const std::uint32_t own = known == present.of_client.end() ? 0 : known->second;
    if (present.total >= config->relay.limits.sessions ||
        own >= config->relay.limits.sessions_per_client)
      return replies::too_many_sessions();
    ++present.total;
    ++present.of_client[ip];
    return std::nullopt;
  });
}

void Server::Running::leave(const std::string& ip) {
  present_.with([&](Present& present) {
    --present.total;
    if (--present.of_client[ip] == 0) present.of_client.erase(ip);
  });
}

void Server::Running::serve(const StreamSocket& socket, const std::string& ip) noexcept {
  try {
    Session session(socket, ip, service_);
    if (session.greet()) session.converse();
  } catch (const std::exception& fault) {  // one session ends, the others live on
    service_.log.alarm("session_failed", {{"client", ip}, {"why", fault.what()}});
  }
  leave(ip);
}

Server::Server(const config::Listener& listener, const Current<config::Config>& config,
               Accept accept, const Clock& clock, const Log& log)
    : running_(std::make_unique<Running>(listener, config, std::move(accept), clock, log)) {}

Server::~Server() = default;

void Server::start() {
  running_->start();
}

void Server::stop(std::chrono::seconds grace) {
  running_->stop(grace);
}

std::uint16_t Server::port() const {
  return running_->port();
}

}  // namespace siegel::smtp
