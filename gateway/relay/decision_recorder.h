#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/current.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/rounds.h"
#include "config/config.h"
#include "gateway/relay/decision_book.h"
#include "gateway/relay/decision_record.h"

namespace siegel::relay {

/// Keeps what was decided, behind the back of the mail: one thread writes, and a message waits for
/// nothing. What cannot be kept, because the disk is full or slower than the mail, is counted and
/// the log says how much; mail goes on. What the process had not written when it died is lost.
class DecisionRecorder {
 public:
  /// Nothing is opened yet. All references must outlive it.
  DecisionRecorder(const Current<config::Config>& config, const Clock& clock, const Log& log);

  /// The file is that of the configuration at this moment.
  void start();
  /// Writes what is left, within `grace`. False if it could not end: ending the process is safe.
  bool stop(std::chrono::milliseconds grace);

  /// Takes note; never throws and never waits for the disk. Nothing is kept where keep_decisions
  /// is 0. Thread-safe.
  void note(const Decided& decided) noexcept;

  /// How many decisions were lost since the start.
  [[nodiscard]] std::size_t lost() const;

  /// What waits to be written: messages, and recipients for one that is addressed to many.
  static constexpr std::size_t queue_limit = 20'000;

 private:
  struct Queue {
    std::deque<RecordedDecision> waiting;
    std::size_t weight = 0;
    std::size_t lost = 0, lost_told = 0;
  };

  std::chrono::milliseconds round();
  [[nodiscard]] std::vector<RecordedDecision> take();
  void write_waiting();
  void sweep();
  void tell_lost();
  DecisionBook& book();

  const Current<config::Config>& config_;
  const Clock& clock_;
  const Log& log_;
  Guarded<Queue> queue_;
  std::filesystem::path file_;
  std::optional<DecisionBook> book_;  // of the thread only
  std::optional<Time> swept_;         // of the thread only
  Rounds rounds_;                     // last: its thread uses all the others
};

}  // namespace siegel::relay
