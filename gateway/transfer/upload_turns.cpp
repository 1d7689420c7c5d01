#include "gateway/transfer/upload_turns.h"

namespace siegel::transfer {

std::optional<UploadTurns::Turn> UploadTurns::take(const std::string& upload,
                                                   std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  Place& place = places_[upload];
  ++place.waiting;
  const bool is_free = changed_.wait_for(lock, patience, [&] { return !place.is_taken; });
  --place.waiting;
  if (!is_free) return std::nullopt;  // whoever has taken it removes the place
  place.is_taken = true;
  return Turn(*this, upload);
}

void UploadTurns::leave(const std::string& upload) {
  const std::lock_guard lock(mutex_);
  Place& place = places_.at(upload);
  place.is_taken = false;
  if (place.waiting == 0) places_.erase(upload);
  changed_.notify_all();
}

bool UploadTurns::is_wanted(const std::string& upload) {
  const std::lock_guard lock(mutex_);
  return places_.at(upload).waiting > 0;
}

}  // namespace siegel::transfer
