#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "gateway/smtp/stop_signal.h"

namespace siegel::transfer {

/// One writer at a time for each upload. Who comes while another writes is mostly the same client
/// on a new connection: the old one is asked to make room. Thread-safe.
class UploadTurns {
 public:
  /// Held while writing; gives its place to the next one when it goes.
  class Turn {
   public:
    Turn(UploadTurns& turns, std::string upload, const smtp::StopSignal& wanted)
        : turns_(&turns), upload_(std::move(upload)), wanted_(wanted) {}
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)),
          upload_(std::move(other.upload_)),
          wanted_(other.wanted_) {}
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->leave(upload_);
    }
    /// Raised once somebody waits for it: stop as soon as what was received is safe. Lives as long
    /// as the turn.
    [[nodiscard]] const smtp::StopSignal& wanted() const { return wanted_; }

   private:
    UploadTurns* turns_;
    std::string upload_;
    const smtp::StopSignal& wanted_;
  };

  /// Waits for its turn, at most `patience`. `upload` is its lookup.
  [[nodiscard]] std::optional<Turn> take(const std::string& upload,
                                         std::chrono::milliseconds patience);

 private:
  void leave(const std::string& upload);

  struct Place {
    int waiting = 0;
    /// To whoever has the turn; nobody has it if it is empty.
    std::unique_ptr<smtp::StopSignal> wanted{};
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Place> places_;  // by upload; guarded by mutex_
};

}  // namespace siegel::transfer
