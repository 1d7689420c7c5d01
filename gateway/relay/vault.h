#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/current.h"
#include "config/config.h"
#include "gateway/spool/spool.h"
#include "gateway/transfer/storage.h"

namespace siegel::relay {

/// The transfer service's tables and files, opened when they are first needed. Thread-safe. One for
/// a process: whoever opens the tables' file a second time and closes it again takes SQLite's locks
/// away from the first (POSIX locks belong to the process), and another process then deletes the
/// journal under it.
class Vault {
 public:
  Vault(const Current<config::Config>& config, const Clock& clock)
      : config_(config), clock_(clock) {}

  /// Throws Error with what to do if they cannot be used. REQUIRES: config.transfer.
  [[nodiscard]] transfer::Storage& storage();

  /// What a crash has left on trial is kept if the spool has its mail, else erased: whoever sent
  /// that mail was not told 250, and sends it again. To be said before the first message, and
  /// before a courier runs; does nothing if storage() was not opened.
  void end_trials(const spool::Spool& spool);

 private:
  const Current<config::Config>& config_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unique_ptr<transfer::Storage>
      storage_;  // guarded by mutex_ until it is there; then constant
};

/// Parcels that nobody has a link to yet, on trial (ParcelWish): without keep() they are erased
/// again.
class Parked {
 public:
  explicit Parked(transfer::Storage* storage) : storage_(storage) {}
  Parked(Parked&& other) noexcept;
  Parked& operator=(Parked&&) = delete;
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;
  ~Parked();

  void put(std::string id) { parcels_.push_back(std::move(id)); }
  /// The links may be used: the mail is ours. Throws Error if that cannot be written; then the
  /// sender must not be told that it was taken, for the next start erases them.
  void keep();

 private:
  transfer::Storage* storage_;  // null if nothing was put there
  std::vector<std::string> parcels_;
};

}  // namespace siegel::relay
