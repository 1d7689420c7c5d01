#include "gateway/transfer/parcels.h"

#include <set>

#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/receipt.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using sql::Session;

std::vector<ParcelFile> read_files(Session& session, const pki::Seal& seal, const std::string& id) {
  const auto rows = sql::select(session,
                                "SELECT * FROM parcel_file WHERE tenant = 'default' AND parcel = ? "
                                "ORDER BY position",
                                id);
  std::vector<ParcelFile> files;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FileId file = rows::file_id(rows, i);
    files.push_back({static_cast<std::uint32_t>(rows.number("position", i)), file,
                     seal.open(rows.text("sealed_name", i), identity::file_name(id, file)),
                     rows.text("media_type", i),
                     static_cast<std::uint64_t>(rows.number("octets", i))});
  }
  return files;
}

Parcel read_parcel(Session& session, const pki::Seal& seal, const sql::Rows& rows, std::size_t i) {
  const std::string id = rows.text("id", i);
  const std::string note = rows.text("sealed_note", i);
  return {.id = id,
          .origin = rows::origin(rows.text("origin", i)),
          .owner = rows::address(rows.text("owner", i)),
          .state = rows::state(rows.text("state", i)),
          .note = note.empty() ? Note{} : rows::read_note(seal.open(note, identity::note(id))),
          .files = read_files(session, seal, id),
          .octets = static_cast<std::uint64_t>(rows.number("octets", i)),
          .created = rows.moment("created", i),
          .expires = rows.moment("expires", i)};
}

std::optional<Time> moment_or_none(const sql::Rows& rows, const char* column, std::size_t i) {
  if (rows.number(column, i) == 0) return std::nullopt;
  return rows.moment(column, i);
}

void put_event(Session& session, const std::string& id, const ParcelEvent& event) {
  sql::run(session,
           "INSERT INTO parcel_event (tenant, parcel, at, what, recipient, position) VALUES "
           "('default', ?, ?, ?, ?, ?)",
           id, to_unix(event.at), event.what, event.recipient,
           event.position ? static_cast<std::int64_t>(*event.position) : std::int64_t{-1});
}

/// What leads to the files. Their own rows go with them, so that no key is left.
void take_away(Session& session, const std::string& id) {
  for (const char* const table : {"waiting", "link", "ticket", "parcel_file"})
    sql::run(session,
             "DELETE FROM " + std::string(table) + " WHERE tenant = 'default' AND parcel = ?", id);
}

}  // namespace

Parcels::Parcels(Database& database, BlobStore& store, const pki::Seal& seal, const Clock& clock)
    : database_(database), store_(store), seal_(seal), clock_(clock) {}

std::optional<Parcel> Parcels::find(const std::string& id) const {
  std::optional<Parcel> found;
  database_.read_at_once([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT * FROM parcel WHERE tenant = 'default' AND id = ?", id);
    if (!rows.empty()) found = read_parcel(session, seal_, rows, 0);
  });
  return found;
}

std::vector<Parcel> Parcels::of(const Address& owner, std::size_t limit) const {
  std::vector<Parcel> found;
  database_.read_at_once([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT * FROM parcel WHERE tenant = 'default' AND owner = ? "
                                  "ORDER BY created DESC, id LIMIT ?",
                                  owner.str(), static_cast<std::int64_t>(limit));
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.push_back(read_parcel(session, seal_, rows, i));
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
  database_.write([&](Session& session) { put_event(session, id, event); });
}

// --- what its owner may do

bool Parcels::extend(const std::string& id, Time expires) {
  bool done = false;
  database_.write([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT id FROM parcel WHERE tenant = 'default' AND id = ? AND ended = 0", id);
    if (rows.empty()) return;
    sql::run(session, "UPDATE parcel SET expires = ? WHERE tenant = 'default' AND id = ?",
             to_unix(expires), id);
    put_event(session, id, {clock_.now(), "extended", {}, {}});
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
    if (done) put_event(session, id, {now, "recalled", recipient, {}});
  });
  return done;
}

// --- the end

void Parcels::condemn(const std::string& id) {
  end(id, ParcelState::infected);
}

bool Parcels::end(const std::string& id, ParcelState how) {
  std::vector<FileId> files;
  bool done = false;
  database_.write([&](Session& session) {
    const Time now = clock_.now();
    if (sql::select(session,
                    "SELECT id FROM parcel WHERE tenant = 'default' AND id = ? AND ended = 0", id)
            .empty())
      return;
    for (const ParcelFile& file : read_files(session, seal_, id)) files.push_back(file.id);
    take_away(session, id);
    sql::run(
        session,
        "UPDATE parcel SET state = ?, ended = ?, sealed_note = '' WHERE tenant = 'default' AND "
        "id = ?",
        std::string(name(how)), to_unix(now), id);
    put_event(session, id, {now, std::string(name(how)), {}, {}});
    done = true;
  });
  // Their keys are gone: what a crash leaves behind here is noise, and the sweep finds it.
  for (const FileId& file : files) store_.remove(file);
  return done;
}

std::size_t Parcels::sweep(std::chrono::seconds traces) {
  std::vector<std::string> ended;
  const Time now = clock_.now();
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT id FROM parcel WHERE tenant = 'default' AND ended = 0 AND expires <= ?",
        to_unix(now));
    for (std::size_t i = 0; i < rows.size(); ++i) ended.push_back(rows.text("id", i));
  });
  for (const std::string& id : ended) end(id, ParcelState::expired);
  database_.write([&](Session& session) {
    const std::int64_t before = to_unix(now - traces);
    for (const char* const table : {"parcel_event", "receipt"})
      sql::run(session,
               "DELETE FROM " + std::string(table) +
                   " WHERE tenant = 'default' AND parcel IN (SELECT id FROM parcel WHERE tenant = "
                   "'default' AND ended > 0 AND ended <= ?)",
               before);
    sql::run(session, "DELETE FROM parcel WHERE tenant = 'default' AND ended > 0 AND ended <= ?",
             before);
  });
  return ended.size();
}

}  // namespace siegel::transfer
