#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace siegel::transfer {

/// One writer at a time for each upload. Who comes while another writes is mostly the same client
/// on a new connection: the old one is asked to make room. Thread-safe.
class UploadTurns {
 public:
  /// Held while writing; gives its place to the next one when it goes.
  class Turn {
   public:
    Turn(UploadTurns& turns, std::string upload) : turns_(&turns), upload_(std::move(upload)) {}
    Turn(Turn&& other) noexcept : turns_(other.turns_), upload_(std::move(other.upload_)) {
      other.turns_ = nullptr;
    }
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->leave(upload_);
    }
    /// Somebody waits for it: stop as soon as what was received is safe.
    [[nodiscard]] bool is_wanted() const { return turns_->is_wanted(upload_); }

   private:
    UploadTurns* turns_;
    std::string upload_;
  };

  /// Waits for its turn, at most `patience`. `upload` is its lookup.
  [[nodiscard]] std::optional<Turn> take(const std::string& upload,
                                         std::chrono::milliseconds patience);

 private:
  void leave(const std::string& upload);
  [[nodiscard]] bool is_wanted(const std::string& upload);

  struct Place {
    bool is_taken = false;
    int waiting = 0;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Place> places_;  // by upload; guarded by mutex_
};

}  // namespace siegel::transfer
