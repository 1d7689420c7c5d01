#include "gateway/relay/decision_book.h"

#include <cstdint>

#include "base/sql.h"
#include "gateway/relay/decision_sql.h"

namespace siegel::relay {
namespace {

using sql::Rows;
using sql::Session;

/// More is no message that came several times, but one id in the hands of many.
constexpr std::int64_t same_id_limit = 100;

std::int64_t number(bool flag) {
  return flag ? 1 : 0;
}

std::int64_t number(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

// --- writing

void insert_layers(Session& session, const RecordedDecision& decision) {
  for (std::size_t i = 0; i < decision.layers.size(); ++i) {
    const RecordedLayer& layer = decision.layers[i];
    sql::run(session,
             "INSERT INTO decision_layer (id, position, scheme, form, status, signer, reason) "
             "VALUES (?, ?, ?, ?, ?, ?, ?)",
             decision.id, number(i), layer.scheme, layer.form, layer.status, layer.signer,
             layer.reason);
  }
}

void insert_route(Session& session, const RecordedDecision& decision, std::size_t position) {
  const RecordedRoute& route = decision.routes[position];
  sql::run(
      session,
      "INSERT INTO decision_route (id, position, action, signed_by, signing_key, encrypted_by, "
      "hidden_subject, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      decision.id, number(position), route.action, route.signed_by, route.signing_key,
      route.encrypted_by, number(route.hides_subject), route.reason);
}

void insert_routes(Session& session, const RecordedDecision& decision) {
  std::size_t position = 0;
  for (std::size_t i = 0; i < decision.routes.size(); ++i) {
    insert_route(session, decision, i);
    for (const RecordedRecipient& to : decision.routes[i].recipients) {
      sql::run(session,
               "INSERT INTO decision_recipient (id, position, route, recipient, at, peer_key, "
               "clear) VALUES (?, ?, ?, ?, ?, ?, ?)",
               decision.id, number(position++), number(i), to.address, to_unix(decision.at), to.key,
               to.clear);
    }
  }
}

void insert(Session& session, const RecordedDecision& decision) {
  const Rows known = sql::select(session, "SELECT id FROM decision WHERE id = ?", decision.id);
  if (!known.empty()) return;
  sql::run(session,
           "INSERT INTO decision (id, message_id, at, side, sender, verdict, encrypted, decrypted) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
           decision.id, decision.message_id, to_unix(decision.at), decision.side, decision.sender,
           decision.verdict, number(decision.is_encrypted), number(decision.is_decrypted));
  insert_layers(session, decision);
  insert_routes(session, decision);
}

// --- reading

std::vector<RecordedLayer> layers_of(Session& session, const std::string& id) {
  const Rows rows = sql::select(session,
                                "SELECT scheme, form, status, signer, reason FROM decision_layer "
                                "WHERE id = ? ORDER BY position",
                                id);
  std::vector<RecordedLayer> layers;
  for (std::size_t i = 0; i < rows.size(); ++i)
    layers.push_back({rows.text("scheme", i), rows.text("form", i), rows.text("status", i),
                      rows.text("signer", i), rows.text("reason", i)});
  return layers;
}

std::vector<RecordedRoute> routes_of(Session& session, const std::string& id) {
  const Rows rows = sql::select(session,
                                "SELECT action, signed_by, signing_key, encrypted_by, "
                                "hidden_subject, reason FROM decision_route WHERE id = ? "
                                "ORDER BY position",
                                id);
  std::vector<RecordedRoute> routes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    routes.push_back({rows.text("action", i),
                      rows.text("signed_by", i),
                      rows.text("signing_key", i),
                      rows.text("encrypted_by", i),
                      rows.flag("hidden_subject", i),
                      rows.text("reason", i),
                      {}});
  }
  return routes;
}

void add_recipients(Session& session, RecordedDecision& decision) {
  const Rows rows = sql::select(session,
                                "SELECT route, recipient, peer_key, clear FROM decision_recipient "
                                "WHERE id = ? ORDER BY position",
                                decision.id);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto route = static_cast<std::size_t>(rows.number("route", i));
    if (route >= decision.routes.size()) continue;
    decision.routes[route].recipients.push_back(
        {rows.text("recipient", i), rows.text("peer_key", i), rows.text("clear", i)});
  }
}

RecordedDecision read_one(Session& session, const Rows& rows, std::size_t row) {
  RecordedDecision decision;
  decision.id = rows.text("id", row);
  decision.message_id = rows.text("message_id", row);
  decision.at = rows.moment("at", row);
  decision.side = rows.text("side", row);
  decision.sender = rows.text("sender", row);
  decision.verdict = rows.text("verdict", row);
  decision.is_encrypted = rows.flag("encrypted", row);
  decision.is_decrypted = rows.flag("decrypted", row);
  decision.layers = layers_of(session, decision.id);
  decision.routes = routes_of(session, decision.id);
  add_recipients(session, decision);
  return decision;
}

std::vector<RecordedDecision> read_all(Session& session, const Rows& rows) {
  std::vector<RecordedDecision> decisions;
  for (std::size_t i = 0; i < rows.size(); ++i) decisions.push_back(read_one(session, rows, i));
  return decisions;
}

constexpr std::string_view columns =
    "SELECT id, message_id, at, side, sender, verdict, encrypted, decrypted FROM decision ";

}  // namespace

DecisionBook::DecisionBook(const std::filesystem::path& file)
    : database_("sqlite:" + file.string()) {
  database_.migrate(decision_schema);
}

void DecisionBook::keep(std::span<const RecordedDecision> decisions) {
  database_.write([&](Session& session) {
    for (const RecordedDecision& decision : decisions) insert(session, decision);
  });
}

std::size_t DecisionBook::forget_before(Time time, std::size_t most) {
  std::size_t count = 0;
  database_.write([&](Session& session) {
    const Rows rows =
        sql::select(session, "SELECT id FROM decision WHERE at < ? ORDER BY at LIMIT ?",
                    to_unix(time), number(most));
    count = rows.size();
    for (std::size_t i = 0; i < count; ++i)
      sql::run(session, "DELETE FROM decision WHERE id = ?", rows.text("id", i));
  });
  return count;
}

std::vector<RecordedDecision> DecisionBook::about(const std::string& id) const {
  std::vector<RecordedDecision> decisions;
  database_.read_at_once([&](Session& session) {
    const std::string bare = bare_message_id(id);
    const Rows rows = sql::select(session,
                                  std::string(columns) +
                                      "WHERE id = ? OR (message_id = ? AND message_id <> '') "
                                      "ORDER BY at DESC, id DESC LIMIT ?",
                                  id, bare, same_id_limit);
    decisions = read_all(session, rows);
  });
  return decisions;
}

std::vector<RecordedDecision> DecisionBook::about_recipient(const std::string& recipient,
                                                            Time since, std::size_t most) const {
  std::vector<RecordedDecision> decisions;
  database_.read_at_once([&](Session& session) {
    const Rows rows = sql::select(session,
                                  std::string(columns) +
                                      "WHERE id IN (SELECT id FROM decision_recipient WHERE "
                                      "recipient = ? AND at >= ? ORDER BY at DESC LIMIT ?) "
                                      "ORDER BY at DESC, id DESC",
                                  recipient, to_unix(since), number(most));
    decisions = read_all(session, rows);
  });
  return decisions;
}

std::filesystem::path decision_file(const config::Config& config) {
  return config.storage.directory / "decisions.db";
}

}  // namespace siegel::relay
