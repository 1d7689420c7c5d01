#include "gateway/relay/decision_recorder.h"

#include <exception>
#include <utility>

namespace siegel::relay {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds pause_between_rounds = 10min;
constexpr std::chrono::hours sweep_interval{1};
/// In one transaction: enough to be fast, few enough that a reader never waits long.
constexpr std::size_t batch = 200, swept_at_once = 500;

std::size_t weight_of(const RecordedDecision& decision) {
  std::size_t weight = 1;
  for (const RecordedRoute& route : decision.routes) weight += route.recipients.size();
  return weight;
}

}  // namespace

DecisionRecorder::DecisionRecorder(const Current<config::Config>& config, const Clock& clock,
                                   const Log& log)
    : config_(config), clock_(clock), log_(log), rounds_([this] { return round(); }) {}

void DecisionRecorder::start() {
  file_ = decision_file(*config_.load());
  rounds_.start();
}

bool DecisionRecorder::stop(std::chrono::milliseconds grace) {
  if (!rounds_.stop(grace)) return false;
  if (!file_.empty()) write_waiting();
  return true;
}

void DecisionRecorder::note(const Decided& decided) noexcept {
  if (decided.config.keep_decisions == 0s) return;
  try {
    RecordedDecision record = record_of(decided);
    const std::size_t weight = weight_of(record);
    queue_.with([&](Queue& queue) {
      if (queue.weight + weight > queue_limit) {
        ++queue.lost;
        return;
      }
      queue.weight += weight;
      queue.waiting.push_back(std::move(record));
    });
    rounds_.wake();
  } catch (const std::exception&) {
    queue_.with([](Queue& queue) { ++queue.lost; });
  }
}

std::size_t DecisionRecorder::lost() const {
  return queue_.with([](const Queue& queue) { return queue.lost; });
}

std::chrono::milliseconds DecisionRecorder::round() {
  write_waiting();
  attempt(log_, "decisions_not_swept", "keep_decisions", [this] { sweep(); });
  return pause_between_rounds;
}

std::vector<RecordedDecision> DecisionRecorder::take() {
  return queue_.with([](Queue& queue) {
    std::vector<RecordedDecision> taken;
    while (!queue.waiting.empty() && taken.size() < batch) {
      queue.weight -= weight_of(queue.waiting.front());
      taken.push_back(std::move(queue.waiting.front()));
      queue.waiting.pop_front();
    }
    return taken;
  });
}

void DecisionRecorder::write_waiting() {
  for (auto taken = take(); !taken.empty(); taken = take()) {
    try {
      book().keep(taken);
    } catch (const std::exception& error) {
      queue_.with([&](Queue& queue) { queue.lost += taken.size(); });
      log_.warning("decisions_not_kept", {{"file", file_.string()}, {"why", error.what()}});
    }
  }
  tell_lost();
}

void DecisionRecorder::sweep() {
  const Time now = clock_.now();
  if (swept_ && now - *swept_ < sweep_interval) return;
  swept_ = now;  // before it is tried: a broken disk is not asked again with every message
  const Time border = now - config_.load()->keep_decisions;
  while (book().forget_before(border, swept_at_once) == swept_at_once) write_waiting();
}

void DecisionRecorder::tell_lost() {
  const std::size_t fresh = queue_.with(
      [](Queue& queue) { return queue.lost - std::exchange(queue.lost_told, queue.lost); });
  if (fresh > 0)
    log_.warning("decisions_lost",
                 {{"count", fresh},
                  {"what", "siegel explain --id will not know them; the mail itself went on"}});
}

/// Opened when it is needed: a book that cannot be opened is tried again with the next message.
DecisionBook& DecisionRecorder::book() {
  if (!book_) book_.emplace(file_);
  return *book_;
}

}  // namespace siegel::relay
