#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/portal/client_limits.h"
#include "gateway/portal/patience.h"
#include "gateway/portal/problem.h"
#include "gateway/portal/router.h"

namespace siegel::portal {

/// What is served. The functions are called from many threads at once.
struct Service {
  Router routes;
  /// The page for a request that is not served. The request is an empty one if its head could not
  /// be read. Without this function, or if it throws, clients get a line of text.
  std::function<Response(const Problem&, const Request&)> error_page;
  /// What /health says to load balancers: 200 or 503. Without it always 200.
  std::function<bool()> is_healthy;
  /// Connections and requests are counted here, and whatever handlers count. Must live longer.
  ClientLimits& limits;
  Patience patience;
};

/// The HTTP/1.1 server (RFC 9110, RFC 9112) under the portal: TLS by Poco's NetSSL, or plain where
/// no certificate is configured; one thread with a small stack for each connection. Heads are read
/// by our own parser, because Poco's HTTPServer takes a lone CR for the end of a line, knows no
/// limit of time for a head or a body as a whole, and writes its error answers past our security
/// fields.
///
/// Errors of a unit of work: Error{peer} 400, Error{world} 503 with Retry-After, Error{ours} and
/// any other exception 500 and an alarm. The log names routes and never paths, for paths hold
/// secrets.
class Server {
 public:
  /// Binds and listens on all addresses of `transfer.listen`, but accepts only after start().
  /// Limits and proxies follow the configuration as it changes; the addresses do not. Throws
  /// Error{ours} if it cannot bind or the certificate cannot be used. REQUIRES: there is a section
  /// `transfer`.
  Server(const Current<config::Config>& config, Service service, const Clock& clock,
         const Log& log);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  void start();
  /// No new connections; idle ones end, requests may go on for `grace`. Waits for handlers.
  void stop(std::chrono::seconds grace);
  /// Reads certificate and key again: new connections get the new ones, the others go on. Throws
  /// Error{ours} if they cannot be used; then the old ones stay.
  void reload_certificate();
  /// The port really bound by the listener of that place in the configuration.
  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const;

 private:
  class Running;
  std::unique_ptr<Running> running_;
};

}  // namespace siegel::portal
