#include "gateway/transfer/parcels.h"

#include "base/sql.h"
#include "gateway/transfer/receipt.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using sql::Session;

std::optional<Time> moment_or_none(const sql::Rows& rows, const char* column, std::size_t i) {
  if (rows.number(column, i) == 0) return std::nullopt;
  return rows.moment(column, i);
}

}  // namespace

Parcels::Parcels(Database& database, BlobStore& store, const pki::Seal& seal, const Clock& clock)
    : database_(database), store_(store), seal_(seal), clock_(clock) {}

std::optional<Parcel> Parcels::find(const std::string& id) const {
  std::optional<Parcel> found;
  database_.read_at_once([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT * FROM parcel WHERE tenant = 'default' AND id = ?", id);
    if (!rows.empty()) found = rows::read_parcel(session, seal_, rows, 0);
  });
  return found;
}

std::vector<Parcel> Parcels::of(const Address& owner, std::size_t limit) const {
  return newest(rows::owner_text(owner), limit);
}

std::vector<Parcel> Parcels::all(std::size_t limit) const {
  return newest({}, limit);
}

std::vector<Parcel> Parcels::newest(const std::string& owner, std::size_t limit) const {
  std::vector<Parcel> found;
  database_.read_at_once([&](Session& session) {
    const auto rows =
        sql::select(session,
                    "SELECT * FROM parcel WHERE tenant = 'default' AND (owner = ? OR ? = '') "
                    "AND origin <> 'answer' ORDER BY created DESC, id LIMIT ?",
                    owner, owner, static_cast<std::int64_t>(limit));
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.push_back(rows::read_parcel(session, seal_, rows, i));
  });
  return found;
}

std::vector<LinkState> Parcels::links(const std::string& id) const {
  std::vector<LinkState> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT * FROM link WHERE tenant = 'default' AND parcel = ? ORDER BY recipient",
        id);
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.push_back({rows.text("recipient", i), !rows.text("salt", i).empty(),
                       moment_or_none(rows, "recalled", i), moment_or_none(rows, "locked", i)});
  });
  return found;
}

std::vector<ParcelEvent> Parcels::events(const std::string& id) const {
  std::vector<ParcelEvent> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT * FROM parcel_event WHERE tenant = 'default' AND parcel = ? ORDER BY at",
        id);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto position = rows.number("position", i);
      found.push_back(
          {rows.moment("at", i), rows.text("what", i), rows.text("recipient", i),
           position < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(position))});
    }
  });
  return found;
}

std::optional<Parcel> Parcels::by_receipt(std::string_view code) const {
  std::string id;
  database_.read([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT parcel FROM receipt WHERE tenant = 'default' AND lookup = ?",
                    receipt_lookup(seal_, code));
    if (!rows.empty()) id = rows.text("parcel");
  });
  return id.empty() ? std::nullopt : find(id);
}

void Parcels::note_event(const std::string& id, const ParcelEvent& event) {
  database_.write([&](Session& session) { rows::put_event(session, id, event); });
}

std::vector<ParcelFile> Parcels::note_fetched(const std::string& id, const std::string& recipient,
                                              const std::vector<ParcelFile>& files) {
  std::vector<ParcelFile> news;
  database_.write([&](Session& session) {
    for (const ParcelFile& file : files) {
      const auto before = sql::select(
          session,
          "SELECT COUNT(*) AS times FROM parcel_event WHERE tenant = 'default' AND parcel = ? AND "
          "what = 'fetched' AND recipient = ? AND position = ?",
          id, recipient, static_cast<std::int64_t>(file.position));
      if (before.number("times") == 0) news.push_back(file);
      rows::put_event(session, id, {clock_.now(), "fetched", recipient, file.position});
    }
  });
  return news;
}

// --- what its owner may do

bool Parcels::extend(const std::string& id, Time expires) {
  bool done = false;
  database_.write([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT id FROM parcel WHERE tenant = 'default' AND id = ? AND "
                                  "state IN ('waiting', 'ready')",
                                  id);
    if (rows.empty()) return;
    sql::run(session, "UPDATE parcel SET expires = ? WHERE tenant = 'default' AND id = ?",
             to_unix(expires), id);
    rows::put_event(session, id, {clock_.now(), "extended", {}, {}});
    // So that its owner is warned again before the new end.
    sql::run(session,
             "DELETE FROM parcel_event WHERE tenant = 'default' AND parcel = ? AND what = 'warned'",
             id);
    done = true;
  });
  return done;
}

bool Parcels::recall(const std::string& id) {
  return end(id, ParcelState::recalled);
}

bool Parcels::recall(const std::string& id, const std::string& recipient) {
  bool done = false;
  database_.write([&](Session& session) {
    const Time now = clock_.now();
    const auto rows = sql::select(session,
                                  "SELECT lookup FROM link WHERE tenant = 'default' AND parcel = ? "
                                  "AND recipient = ? AND recalled = 0",
                                  id, recipient);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // The key goes, the row stays: the owner sees whom it was taken from.
      sql::run(session,
               "UPDATE link SET recalled = ?, sealed_key = '' WHERE tenant = 'default' AND lookup "
               "= ?",
               to_unix(now), rows.text("lookup", i));
      sql::run(session, "DELETE FROM ticket WHERE tenant = 'default' AND link = ?",
               rows.text("lookup", i));
    }
    done = !rows.empty();
    if (!done) return;
    sql::run(session,
             "DELETE FROM outbox WHERE tenant = 'default' AND parcel = ? AND recipient = ?", id,
             recipient);
    rows::put_event(session, id, {now, "recalled", recipient, {}});
  });
  return done;
}

}  // namespace siegel::transfer
