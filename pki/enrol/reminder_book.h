#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/database.h"
#include "pki/enrol/reminder.h"

namespace siegel::pki::enrol {

/// Who was told of what, in the database; KeyStore makes the table. Thread-safe.
class ReminderBook {
 public:
  ReminderBook(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  [[nodiscard]] std::set<Told> all() const;
  /// Each is in the audit as well, in the same transaction.
  void note(const std::string& person, const std::vector<Matter>& matters,
            const std::string& actor);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace siegel::pki::enrol
