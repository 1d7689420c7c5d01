#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/current.h"
#include "base/database.h"
#include "base/disk.h"
#include "base/log.h"
#include "config/config.h"
#include "gateway/relay/courier.h"
#include "gateway/relay/decision_recorder.h"
#include "gateway/relay/enrolment.h"
#include "gateway/relay/housekeeper.h"
#include "gateway/relay/intake.h"
#include "gateway/relay/offload.h"
#include "gateway/relay/pickup.h"
#include "gateway/relay/seeker.h"
#include "gateway/relay/vault.h"
#include "gateway/smtp/server.h"
#include "gateway/spool/spool.h"
#include "pki/store.h"

namespace siegel::relay {

/// The whole daemon as one object: what it is made of, in the order in which it is made.
class Relay {
 public:
  /// Opens database, keys and spool and binds all listeners; serves nobody yet.
  /// Throws Error with what to do if any of that is not possible.
  Relay(const std::shared_ptr<const config::Config>& config, const Log& log);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  /// Stops, and waits for what stop() left running.
  ~Relay();

  void start();
  /// Reads the configuration file anew. A bad file leaves the old one in force; the log says why.
  /// Listeners, storage and what starts gpg stay as they are until a restart; the log says that too
  /// if they have changed.
  void reload();
  /// No new sessions; running transactions, then running deliveries, may end within ten seconds
  /// each. False if something still hangs in the network: the destructor would wait for it, but
  /// ending the process loses nothing, since whatever is not finished is in the spool.
  [[nodiscard]] bool stop();

  /// Ports really bound, in the order of relay.listen.
  [[nodiscard]] std::vector<std::uint16_t> ports() const;

 private:
  Log log_;
  SystemClock clock_;
  PosixDisk disk_;
  Current<config::Config> config_;
  Database database_;
  pki::KeyStore keys_;
  spool::Spool spool_;
  Vault vault_;
  Offload offload_;
  Pickup pickup_;
  DecisionRecorder recorder_;
  Intake intake_;
  Seeker seeker_;
  Courier courier_;
  Housekeeper housekeeper_;
  Enrolment enrolment_;
  std::vector<std::unique_ptr<smtp::Server>> servers_;
};

}  // namespace siegel::relay
