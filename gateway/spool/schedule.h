#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace siegel::spool {

/// What this process knows of the queue without looking at the disk: which items there are, when
/// each is due, which are held or claimed. It is only a hint, the disk is the truth: an item is
/// read again when it is claimed. Not thread-safe.
class Schedule {
 public:
  /// What is known of one item.
  struct Entry {
    Time due{};
    bool held = false;
    bool fresh = false;  ///< committed by this process and not tried yet: due before the disk says
    bool claimed = false;
  };

  /// Adds the item, or replaces what was known of it unless it is claimed.
  void put(const std::string& id, Entry entry);
  /// Adds the item if it is not known.
  void put_new(const std::string& id, const Entry& entry);
  void forget(const std::string& id);
  /// Forgets all items of this message.
  void forget_message(std::string_view envelope_id);

  /// Claims the item that has been due longest.
  std::optional<std::pair<std::string, Entry>> claim_due(Time now);
  /// Claims this item, also if it was unknown; false if it is claimed.
  bool claim(const std::string& id);
  /// Ends a claim; `entry` says when it is due now.
  void give_back(const std::string& id, Entry entry);

  [[nodiscard]] std::optional<Time> next_due() const;
  [[nodiscard]] bool knows_message(std::string_view envelope_id) const;
  /// All known ids, sorted.
  [[nodiscard]] std::vector<std::string> ids() const;
  [[nodiscard]] bool is_claimed(const std::string& id) const;

 private:
  void enqueue(const std::string& id, const Entry& entry);
  void dequeue(const std::string& id, const Entry& entry);

  std::map<std::string, Entry, std::less<>> entries_;
  std::set<std::pair<Time, std::string>> due_;  // neither held nor claimed
};

}  // namespace siegel::spool
