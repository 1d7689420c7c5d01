#include "pki/enrol/history.h"

#include "base/utf8.h"
#include "pki/store_sql.h"

namespace siegel::pki::enrol {
namespace {

using sql::Rows;
using sql::Session;

constexpr std::int64_t rows_at_a_time = 1000;

/// A step in words, as the database has them: somebody may have written there what is no number.
struct Words {
  std::string request, purpose, from, reason, evidence;
};

// So that the last " [" of an entry is always the one before the evidence.
std::string bracketed(const std::string& evidence) {
  std::string text = " [";
  for (const char c : evidence) {
    if (c == '[' || c == '\\') text += '\\';
    text += c;
  }
  return text + ']';
}

std::string detail_of(const Words& words) {
  const bool needs_bracket = !words.evidence.empty() || words.reason.ends_with(']');
  return "request " + words.request + " (" + words.purpose + ") from " + words.from + ": " +
         words.reason + (needs_bracket ? bracketed(words.evidence) : "");
}

std::string action_of(const std::string& state) {
  return "enrol-" + state;
}

Rows steps_behind(Session& session, std::int64_t id) {
  return sql::select(session,
                     "SELECT s.id AS id, s.request AS request, s.from_state AS from_state, "
                     "s.to_state AS to_state, s.at AS at, s.actor AS actor, s.reason AS reason, "
                     "s.evidence AS evidence, COALESCE(r.mailbox, '') AS mailbox, "
                     "COALESCE(r.purpose, '') AS purpose FROM enrol_transition s LEFT JOIN "
                     "enrol_request r ON r.id = s.request WHERE s.id > ? ORDER BY s.id LIMIT ?",
                     id, rows_at_a_time);
}

Rows entries_behind(Session& session, std::int64_t id) {
  return sql::select(session,
                     "SELECT id, at, actor, action, subject, detail FROM trust_event WHERE id > ? "
                     "AND action LIKE 'enrol-%' ORDER BY id LIMIT ?",
                     id, rows_at_a_time);
}

bool tells_of(const Rows& entries, const Rows& steps, std::size_t i) {
  const Words words{steps.text("request", i), steps.text("purpose", i), steps.text("from_state", i),
                    steps.text("reason", i), steps.text("evidence", i)};
  return entries.text("at", i) == steps.text("at", i) &&
         entries.text("actor", i) == steps.text("actor", i) &&
         entries.text("action", i) == action_of(steps.text("to_state", i)) &&
         entries.text("subject", i) == steps.text("mailbox", i) &&
         entries.text("detail", i) == detail_of(words);
}

std::string altered(const std::string& what) {
  return what + "; somebody has written into the database: compare with a backup";
}

std::string step_name(const Rows& steps, std::size_t i) {
  return "the step of request " + steps.text("request", i) + " to " +
         printable(steps.text("to_state", i)) + " (table enrol_transition, row " +
         steps.text("id", i) + ")";
}

std::optional<std::string> difference(const Rows& steps, const Rows& entries) {
  for (std::size_t i = 0; i < steps.size() && i < entries.size(); ++i)
    if (!tells_of(entries, steps, i))
      return altered(step_name(steps, i) + " is not as entry " + entries.text("id", i) +
                     " of the audit tells it");
  if (steps.size() > entries.size())
    return altered(step_name(steps, entries.size()) + " is not in the audit");
  if (entries.size() > steps.size())
    return altered("the step that entry " + entries.text("id", steps.size()) +
                   " of the audit tells of is missing in table enrol_transition");
  return std::nullopt;
}

/// Both tables grow in the same transactions, so that the steps stand in the entries' order.
std::optional<std::string> altered_step(Session& session) {
  std::int64_t last_step = -1, last_entry = -1;
  while (true) {
    const Rows steps = steps_behind(session, last_step);
    const Rows entries = entries_behind(session, last_entry);
    if (auto found = difference(steps, entries)) return found;
    if (steps.empty()) return std::nullopt;
    last_step = steps.number("id", steps.size() - 1);
    last_entry = entries.number("id", entries.size() - 1);
  }
}

std::optional<std::string> altered_state(Session& session) {
  const Rows rows = sql::select(
      session,
      "SELECT r.id AS id, r.state AS state FROM enrol_request r WHERE r.state <> COALESCE((SELECT "
      "s.to_state FROM enrol_transition s WHERE s.tenant = r.tenant AND s.request = r.id ORDER BY "
      "s.id DESC LIMIT 1), '') ORDER BY r.id LIMIT 1");
  if (rows.empty()) return std::nullopt;
  return altered("request " + rows.text("id") + " is " + printable(rows.text("state")) +
                 ", which its last step did not bring it to");
}

}  // namespace

Event audit_event(const Transition& step, const Address& mailbox, Purpose purpose) {
  return {step.actor, action_of(std::string(name(step.to))), mailbox.str(),
          detail_of({std::to_string(step.request), std::string(name(purpose)),
                     std::string(name(step.from)), step.reason, step.evidence})};
}

std::optional<std::string> altered_history(const Database& database) {
  std::optional<std::string> found;
  database.read_at_once([&](Session& session) {
    found = altered_step(session);
    if (!found) found = altered_state(session);
  });
  return found;
}

}  // namespace siegel::pki::enrol
