#pragma once

#include "base/clock.h"
#include "base/database.h"
#include "config/transfer.h"
#include "gateway/transfer/access.h"
#include "gateway/transfer/file_store.h"
#include "gateway/transfer/links.h"
#include "gateway/transfer/outbox.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/pickups.h"
#include "gateway/transfer/uploads.h"
#include "pki/seal.h"

namespace siegel::transfer {

/// All that the transfer service keeps, in the order in which it is opened. Daemon, relay and
/// command line each open the same folder; what they share is the tables and the vault. Thread-safe
/// as its parts are.
struct Storage {
  /// Makes tables and vault where there are none. Throws Error with what to do if folder or key
  /// cannot be used.
  Storage(const config::TransferSettings& settings, const Clock& clock);
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() = default;

  Database database;
  pki::Seal seal;
  FileStore files;
  Uploads uploads;
  Parcels parcels;
  Links links;
  Pickups pickups;
  Outbox outbox;
  Access access;
};

}  // namespace siegel::transfer
