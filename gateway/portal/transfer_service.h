#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "base/rounds.h"
#include "config/config.h"
#include "gateway/portal/message_pages.h"
#include "gateway/portal/oidc_issuer.h"
#include "gateway/portal/server.h"
#include "gateway/portal/tus.h"
#include "gateway/portal/visitor.h"
#include "gateway/transfer/dispatcher.h"
#include "gateway/transfer/storage.h"

namespace siegel::portal {

/// The daemon siegel-transfer as one object: what it is made of, in the order in which it is made.
class TransferService {
 public:
  /// Opens tables, vault and key and binds all listeners; serves nobody yet. Throws Error with what
  /// to do if any of that is not possible, or if the configuration has no section `transfer`.
  TransferService(std::shared_ptr<const config::Config> config, const Log& log);
  TransferService(const TransferService&) = delete;
  TransferService& operator=(const TransferService&) = delete;
  /// Stops.
  ~TransferService();

  void start();
  /// Reads the configuration file anew, and the certificate. A bad file leaves the old one in
  /// force; the log says why. Listeners and storage stay as they are until a restart.
  void reload();
  /// No new connections; running requests may end within ten seconds.
  void stop();

  /// The port really bound by the listener of that place in the configuration.
  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const {
    return server_->port(listener);
  }

 private:
  [[nodiscard]] Service make_service();
  [[nodiscard]] bool is_healthy() const;

  Log log_;
  SystemClock clock_;
  Current<config::Config> config_;
  transfer::Storage storage_;
  Pages pages_;
  ClientLimits limits_;
  Desk desk_;
  MessageReader messages_;
  Issuer issuer_;
  Tus tus_;
  transfer::Dispatcher dispatcher_;
  Rounds scans_, mails_;
  std::unique_ptr<Server> server_;
};

}  // namespace siegel::portal
