#include "gateway/portal/server.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <thread>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>
#include <fcntl.h>
#include <poll.h>

#include "base/error.h"
#include "gateway/portal/connection.h"
#include "gateway/portal/threads.h"
#include "gateway/portal/tls.h"
#include "gateway/smtp/listening.h"

namespace siegel::portal {
namespace {

using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

constexpr int backlog = 512;
constexpr int pause_after_failure = 200;  // milliseconds; accept fails when descriptors run out

std::vector<ServerSocket> bound_sockets(const config::TransferSettings& settings) {
  std::vector<ServerSocket> sockets;
  for (const config::SocketAddress& at : settings.listen)
    sockets.push_back(smtp::listening_socket(at, backlog, "transfer.listen"));
  return sockets;
}

std::shared_ptr<const TlsContext> tls_of(const config::TransferSettings& settings) {
  return settings.tls ? std::make_shared<const TlsContext>(*settings.tls) : nullptr;
}

std::string ip_of(const SocketAddress& client) {
  const std::string ip = client.host().toString();
  return ip.substr(0, ip.find('%'));  // without the scope of a link-local address
}

}  // namespace

class Server::Running {
 public:
  Running(const Current<config::Config>& config, Service service, const Clock& clock,
          const Log& log)
      : shared_{config, std::move(service), clock, log, {}},
        tls_(tls_of(*config.load()->transfer)),
        listeners_(bound_sockets(*config.load()->transfer)) {
    for (const ServerSocket& listener : listeners_) ports_.push_back(listener.address().port());
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { stop(std::chrono::seconds(0)); }

  void start() {
    acceptor_ = std::thread([this] { accept_clients(); });
  }
  void stop(std::chrono::seconds grace);
  void reload_certificate() { tls_.store(tls_of(*shared_.config.load()->transfer)); }
  [[nodiscard]] std::uint16_t port(std::size_t listener) const { return ports_.at(listener); }

 private:
  // Shared by our own count of owners, not by Poco's: ThreadSanitizer sees who lets go first.
  using Socket = std::shared_ptr<StreamSocket>;

  void accept_clients();
  void accept_from(ServerSocket& listener);
  void welcome(const Socket& socket, const std::string& ip);
  [[nodiscard]] bool admit(const std::string& ip);
  void serve(StreamSocket& socket, const std::string& ip) noexcept;

  Shared shared_;
  Current<TlsContext> tls_;  // empty: plain
  std::vector<ServerSocket> listeners_;
  std::vector<std::uint16_t> ports_;
  Threads threads_;
  std::thread acceptor_;
};

void Server::Running::stop(std::chrono::seconds grace) {
  shared_.stop.raise(std::chrono::steady_clock::now() + grace);
  if (acceptor_.joinable()) acceptor_.join();
  for (ServerSocket& listener : listeners_) listener.close();
  threads_.finish();
}

void Server::Running::accept_clients() {
  std::vector<pollfd> watched;
  for (const ServerSocket& listener : listeners_)
    watched.push_back({listener.impl()->sockfd(), POLLIN, 0});
  watched.push_back({shared_.stop.descriptor(), POLLIN, 0});
  while (true) {
    ::poll(watched.data(), watched.size(), -1);
    if (shared_.stop.raised()) return;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (watched[i].revents != 0) accept_from(listeners_[i]);
    }
  }
}

void Server::Running::accept_from(ServerSocket& listener) {
  try {
    SocketAddress client;
    const auto socket = std::make_shared<StreamSocket>(listener.acceptConnection(client));
    ::fcntl(socket->impl()->sockfd(), F_SETFD, FD_CLOEXEC);
    socket->setNoDelay(true);
    socket->setBlocking(false);
    welcome(socket, ip_of(client));
  } catch (const Poco::Exception& failed) {
    if (failed.code() == EAGAIN || failed.code() == ECONNABORTED) return;  // gone before we came
    shared_.log.alarm("accept_failed", {{"why", failed.displayText()}});
    pollfd stop{shared_.stop.descriptor(), POLLIN, 0};
    ::poll(&stop, 1, pause_after_failure);
  } catch (const std::exception& failed) {  // no more threads or memory; the daemon lives on
    shared_.log.alarm("accept_failed", {{"why", failed.what()}});
  }
}

// Who is too much finds the connection closed: an answer would cost a handshake.
void Server::Running::welcome(const Socket& socket, const std::string& ip) {
  if (!admit(ip)) {
    shared_.log.info("client_refused", {{"client", ip}, {"why", "too many connections"}});
    return;
  }
  try {
    threads_.start([this, socket, ip] { serve(*socket, ip); });
  } catch (...) {
    shared_.service.limits.leave(ip);
    throw;
  }
}

bool Server::Running::admit(const std::string& ip) {
  const auto config = shared_.config.load();
  const config::TransferSettings& settings = *config->transfer;
  // A proxy stands for all of its clients.
  const bool is_proxy = std::ranges::any_of(
      settings.proxies, [&](const config::Network& network) { return network.contains(ip); });
  const std::uint32_t of_client =
      is_proxy ? std::numeric_limits<std::uint32_t>::max() : settings.limits.connections_per_client;
  return shared_.service.limits.enter(ip, of_client, settings.limits.connections);
}

void Server::Running::serve(StreamSocket& socket, const std::string& ip) noexcept {
  try {
    const auto tls = tls_.load();  // kept alive up to the connection's end
    Connection(tls ? tls->wrap(socket) : socket, {ip, tls != nullptr}, shared_).converse();
  } catch (const std::exception& fault) {  // one connection ends, the others live on
    shared_.log.alarm("connection_failed", {{"client", ip}, {"why", fault.what()}});
  }
  shared_.service.limits.leave(ip);
}

Server::Server(const Current<config::Config>& config, Service service, const Clock& clock,
               const Log& log)
    : running_(std::make_unique<Running>(config, std::move(service), clock, log)) {}

Server::~Server() = default;

void Server::start() {
  running_->start();
}

void Server::stop(std::chrono::seconds grace) {
  running_->stop(grace);
}

void Server::reload_certificate() {
  running_->reload_certificate();
}

std::uint16_t Server::port(std::size_t listener) const {
  return running_->port(listener);
}

}  // namespace siegel::portal
