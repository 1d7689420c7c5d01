#include "gateway/spool/schedule.h"

namespace siegel::spool {

void Schedule::enqueue(const std::string& id, const Entry& entry) {
  if (!entry.held && !entry.claimed) due_.emplace(entry.due, id);
}

void Schedule::dequeue(const std::string& id, const Entry& entry) {
  due_.erase({entry.due, id});
}

void Schedule::put(const std::string& id, Entry entry) {
  const auto [at, is_new] = entries_.try_emplace(id);
  if (at->second.claimed) return;  // whoever has it will say what became of it
  if (!is_new) dequeue(id, at->second);
  at->second = entry;
  enqueue(id, entry);
}

void Schedule::put_new(const std::string& id, const Entry& entry) {
  if (entries_.try_emplace(id, entry).second) enqueue(id, entry);
}

void Schedule::forget(const std::string& id) {
  const auto at = entries_.find(id);
  if (at == entries_.end()) return;
  dequeue(id, at->second);
  entries_.erase(at);
}

void Schedule::forget_message(std::string_view envelope_id) {
  const std::string start = std::string(envelope_id) + '.';
  for (auto at = entries_.lower_bound(start); at != entries_.end() && at->first.starts_with(start);
       at = entries_.erase(at)) {
    dequeue(at->first, at->second);
  }
}

std::optional<std::pair<std::string, Schedule::Entry>> Schedule::claim_due(Time now) {
  if (due_.empty() || due_.begin()->first > now) return std::nullopt;
  const std::string id = due_.begin()->second;
  Entry& entry = entries_.at(id);
  dequeue(id, entry);
  entry.claimed = true;
  return std::pair(id, entry);
}

bool Schedule::claim(const std::string& id) {
  Entry& entry = entries_[id];
  if (entry.claimed) return false;
  dequeue(id, entry);
  entry.claimed = true;
  return true;
}

void Schedule::give_back(const std::string& id, Entry entry) {
  entry.claimed = false;
  const auto at = entries_.find(id);
  if (at == entries_.end()) return;  // forgotten meanwhile: it is gone from the disk
  at->second = entry;
  enqueue(id, entry);
}

std::optional<Time> Schedule::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

bool Schedule::knows_message(std::string_view envelope_id) const {
  const std::string start = std::string(envelope_id) + '.';
  const auto at = entries_.lower_bound(start);
  return at != entries_.end() && at->first.starts_with(start);
}

std::vector<std::string> Schedule::ids() const {
  std::vector<std::string> ids;
  ids.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) ids.push_back(id);
  return ids;
}

bool Schedule::is_claimed(const std::string& id) const {
  const auto at = entries_.find(id);
  return at != entries_.end() && at->second.claimed;
}

}  // namespace siegel::spool
