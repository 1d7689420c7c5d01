#include "gateway/relay/vault.h"

#include <exception>
#include <utility>

namespace siegel::relay {

transfer::Storage& Vault::storage() {
  const std::scoped_lock lock(mutex_);
  if (!storage_)
    storage_ = std::make_unique<transfer::Storage>(config_.load()->transfer.value(), clock_);
  return *storage_;
}

Parked::Parked(Parked&& other) noexcept
    : storage_(other.storage_), parcels_(std::exchange(other.parcels_, {})) {}

Parked::~Parked() {
  try {
    for (const std::string& id : parcels_) storage_->parcels.forget(id);
  } catch (const std::exception&) {
    // Nobody has its links; it is swept when its time is over.
  }
}

}  // namespace siegel::relay
