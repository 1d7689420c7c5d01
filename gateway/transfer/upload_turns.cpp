#include "gateway/transfer/upload_turns.h"

namespace siegel::transfer {

std::optional<UploadTurns::Turn> UploadTurns::take(const std::string& upload,
                                                   std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  Place& place = places_[upload];
  if (place.wanted) place.wanted->raise(smtp::StopSignal::Moment::min());
  ++place.waiting;
  const bool is_free = changed_.wait_for(lock, patience, [&] { return !place.wanted; });
  --place.waiting;
  if (!is_free) return std::nullopt;  // whoever has taken it removes the place
  place.wanted = std::make_unique<smtp::StopSignal>();
  if (place.waiting > 0) place.wanted->raise(smtp::StopSignal::Moment::min());
  return Turn(*this, upload, *place.wanted);
}

void UploadTurns::leave(const std::string& upload) {
  const std::lock_guard lock(mutex_);
  Place& place = places_.at(upload);
  place.wanted.reset();
  if (place.waiting == 0) places_.erase(upload);
  changed_.notify_all();
}

}  // namespace siegel::transfer
