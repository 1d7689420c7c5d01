#include <limits>

#include "pki/audit_seal.h"
#include "pki/store.h"
#include "pki/store_sql.h"

namespace siegel::pki {
namespace {

constexpr std::int64_t rows_at_a_time = 1000;

std::vector<TrustEvent> events_in(const sql::Rows& rows) {
  std::vector<TrustEvent> events;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    events.push_back({rows.number("id", i), rows.moment("at", i), rows.text("actor", i),
                      rows.text("action", i), rows.text("subject", i), rows.text("detail", i),
                      rows.text("digest", i)});
  }
  return events;
}

/// Follows the chain from its first entry.
class Audit {
 public:
  explicit Audit(std::string noted) : noted_(std::move(noted)) {}

  [[nodiscard]] std::int64_t entries() const { return check_.entries; }
  [[nodiscard]] bool is_broken() const { return check_.trouble.has_value(); }

  void take(const TrustEvent& event) {
    if (is_broken()) return;
    const std::int64_t expected = check_.entries + 1;
    if (event.id != expected) return complain("entry " + std::to_string(expected) + " is missing");
    if (event.digest != chained(event, check_.head))
      return complain("entry " + std::to_string(event.id) + " (" + rfc3339(event.at) + ", " +
                      event.action + ") is not as it was written");
    check_.entries = event.id;
    check_.head = event.digest;
    if (event.digest == noted_) check_.noted = event.id;
  }

  /// @param last  the number that was given last
  AuditCheck finish(std::int64_t last) && {
    if (check_.entries < last && !is_broken())
      complain("entries " + std::to_string(check_.entries + 1) + " to " + std::to_string(last) +
               " are missing");
    if (check_.entries > last && !is_broken())
      complain("entries " + std::to_string(last + 1) + " to " + std::to_string(check_.entries) +
               " were never given a number");
    return std::move(check_);
  }

 private:
  void complain(const std::string& what) {
    check_.trouble = what + "; somebody has written into the database: compare with a backup";
  }

  std::string noted_;
  AuditCheck check_;
};

}  // namespace

std::vector<TrustEvent> KeyStore::trust_events(std::size_t at_most) const {
  std::vector<TrustEvent> events;
  database_.read([&](sql::Session& session) {
    events = events_in(sql::select(session,
                                   "SELECT id, at, actor, action, subject, detail, digest FROM "
                                   "trust_event WHERE tenant = 'default' ORDER BY id DESC LIMIT ?",
                                   static_cast<std::int64_t>(at_most)));
  });
  return events;
}

AuditCheck KeyStore::check_audit(const std::string& noted) const {
  AuditCheck check;
  database_.read_at_once([&](sql::Session& session) {
    Audit audit(noted);
    const std::int64_t last =
        sql::select(session, "SELECT last FROM counter WHERE name = 'trust_event'").number("last");
    std::vector<TrustEvent> some;
    std::int64_t seen = std::numeric_limits<std::int64_t>::min();
    do {
      some = events_in(sql::select(session,
                                   "SELECT id, at, actor, action, subject, detail, digest FROM "
                                   "trust_event WHERE tenant = 'default' AND id > ? ORDER BY id "
                                   "LIMIT ?",
                                   seen, rows_at_a_time));
      for (const TrustEvent& event : some) audit.take(event);
      if (!some.empty()) seen = some.back().id;
    } while (!some.empty() && !audit.is_broken());
    check = std::move(audit).finish(last);
    if (!check.trouble) check_seal(session, seal_, check);
  });
  return check;
}

}  // namespace siegel::pki
