#include "gateway/portal/reading_places.h"

#include "base/error.h"

namespace siegel::portal {

ReadingPlaces::Place ReadingPlaces::take(const std::string& link) {
  std::unique_lock lock(mutex_);
  const auto is_free = [&] { return taken_.size() < terms_.places && !taken_.contains(link); };
  if (!changed_.wait_for(lock, terms_.patience, is_free))
    throw Error(Fault::world,
                "Many messages are being read just now. Please load the page again in a minute.");
  taken_.insert(link);
  return Place(*this, link);
}

void ReadingPlaces::give_back(const std::string& link) {
  const std::lock_guard lock(mutex_);
  taken_.erase(link);
  changed_.notify_all();
}

}  // namespace siegel::portal
