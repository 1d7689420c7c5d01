#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/database.h"
#include "config/config.h"
#include "gateway/relay/decision_record.h"

namespace siegel::relay {

/// Where decisions are kept: decisions.db beside the database of keys. Thread-safe, and any number
/// of processes may read while one writes. Errors as of Database.
class DecisionBook {
 public:
  /// Opens the file, makes it if it is not there, and brings its tables up to date.
  explicit DecisionBook(const std::filesystem::path& file);

  /// Keeps them, all or none; one that is there already is left as it is.
  void keep(std::span<const RecordedDecision> decisions);
  /// Forgets what was decided before `time`; gives the number of messages. At most `most` at once,
  /// so that nobody waits long.
  std::size_t forget_before(Time time, std::size_t most);

  /// Decisions about the message with this id of ours, or with this Message-ID; newest first. A
  /// message that came twice has several.
  [[nodiscard]] std::vector<RecordedDecision> about(const std::string& id) const;
  /// Decisions since `since` that had this recipient, newest first, at most `most`.
  [[nodiscard]] std::vector<RecordedDecision> about_recipient(const std::string& recipient,
                                                              Time since, std::size_t most) const;

 private:
  Database database_;
};

/// The file of this installation.
[[nodiscard]] std::filesystem::path decision_file(const config::Config& config);

}  // namespace siegel::relay
