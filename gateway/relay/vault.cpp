#include "gateway/relay/vault.h"

#include <exception>
#include <set>
#include <utility>

namespace siegel::relay {

transfer::Storage& Vault::storage() {
  const std::scoped_lock lock(mutex_);
  if (!storage_)
    storage_ = std::make_unique<transfer::Storage>(config_.load()->transfer.value(), clock_);
  return *storage_;
}

void Vault::end_trials(const spool::Spool& spool) {
  const std::scoped_lock lock(mutex_);
  if (!storage_) return;
  const auto trials = storage_->parcels.on_trial();
  if (trials.empty()) return;
  std::set<std::string> committed;
  for (const spool::Item& item : spool.list())
    committed.insert(item.id.substr(0, item.id.rfind('.')));
  for (const auto& [parcel, mail] : trials) {
    if (committed.contains(mail))
      storage_->parcels.keep(parcel);
    else
      storage_->parcels.forget(parcel);
  }
}

void Parked::keep() {
  for (const std::string& id : std::exchange(parcels_, {})) storage_->parcels.keep(id);
}

Parked::Parked(Parked&& other) noexcept
    : storage_(other.storage_), parcels_(std::exchange(other.parcels_, {})) {}

Parked::~Parked() {
  try {
    for (const std::string& id : parcels_) storage_->parcels.forget(id);
  } catch (const std::exception&) {
    // Nobody has its links; the next start erases it.
  }
}

}  // namespace siegel::relay
