// How parcels end, and what is left of them.

#include <set>

#include "base/sql.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using sql::Session;

/// What leads to the files. Their own rows go with them, so that no key is left; of the links stays
/// whose they were, as long as the traces of who fetched what.
void take_away(Session& session, const std::string& id) {
  sql::run(session, "UPDATE link SET sealed_key = '' WHERE tenant = 'default' AND parcel = ?", id);
  for (const char* const table :
       {"waiting", "ticket", "parcel_file", "outbox", "pickup", "on_trial"})
    sql::run(session,
             "DELETE FROM " + std::string(table) + " WHERE tenant = 'default' AND parcel = ?", id);
}

/// Without their names: a parcel ends even if those do not open.
std::vector<FileId> files_of(Session& session, const std::string& id) {
  const auto rows = sql::select(
      session, "SELECT file_id FROM parcel_file WHERE tenant = 'default' AND parcel = ?", id);
  std::vector<FileId> files;
  for (std::size_t i = 0; i < rows.size(); ++i) files.push_back(rows::file_id(rows, i));
  return files;
}

}  // namespace

void Parcels::quarantine(const std::string& id, Time until) {
  database_.write([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT id FROM parcel WHERE tenant = 'default' AND id = ? AND state = 'waiting'",
        id);
    if (rows.empty()) return;
    sql::run(
        session,
        "UPDATE parcel SET state = 'infected', expires = ? WHERE tenant = 'default' AND id = ?",
        to_unix(until), id);
    // What waits is the only key to it; nobody looks at it by himself any more.
    sql::run(session, "UPDATE waiting SET next_try = ? WHERE tenant = 'default' AND parcel = ?",
             to_unix(until), id);
    rows::put_event(session, id, {clock_.now(), "infected", {}, {}});
  });
}

void Parcels::forget(const std::string& id) {
  end(id, ParcelState::recalled);
  database_.write([&](Session& session) {
    for (const char* const table : {"parcel_event", "receipt", "link"})
      sql::run(session,
               "DELETE FROM " + std::string(table) + " WHERE tenant = 'default' AND parcel = ?",
               id);
    sql::run(session, "DELETE FROM parcel WHERE tenant = 'default' AND id = ?", id);
  });
}

void Parcels::keep(const std::string& id) {
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM on_trial WHERE tenant = 'default' AND parcel = ?", id);
  });
}

std::vector<Parcels::OnTrial> Parcels::on_trial() const {
  std::vector<OnTrial> found;
  database_.read([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT parcel, mail FROM on_trial WHERE tenant = 'default'");
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.push_back({rows.text("parcel", i), rows.text("mail", i)});
  });
  return found;
}

bool Parcels::end(const std::string& id, ParcelState how, std::optional<Time> only_before) {
  std::vector<FileId> files;
  bool done = false;
  database_.write([&](Session& session) {
    const Time now = clock_.now();
    const auto rows = sql::select(
        session, "SELECT expires FROM parcel WHERE tenant = 'default' AND id = ? AND ended = 0",
        id);
    if (rows.empty() || (only_before && rows.moment("expires") > *only_before)) return;
    files = files_of(session, id);
    take_away(session, id);
    sql::run(
        session,
        "UPDATE parcel SET state = ?, ended = ?, sealed_note = '' WHERE tenant = 'default' AND "
        "id = ?",
        std::string(name(how)), to_unix(now), id);
    rows::put_event(session, id, {now, std::string(name(how)), {}, {}});
    done = true;
  });
  // Their keys are gone: what a crash leaves behind here is noise, and the sweep finds it.
  for (const FileId& file : files) store_.remove(file);
  return done;
}

std::size_t Parcels::sweep(std::chrono::seconds traces) {
  std::vector<std::pair<std::string, std::string>> ended;  // id, state
  const Time now = clock_.now();
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session,
        "SELECT id, state FROM parcel WHERE tenant = 'default' AND ended = 0 AND expires <= ?",
        to_unix(now));
    for (std::size_t i = 0; i < rows.size(); ++i)
      ended.emplace_back(rows.text("id", i), rows.text("state", i));
  });
  for (const auto& [id, state] : ended)
    end(id, state == name(ParcelState::infected) ? ParcelState::infected : ParcelState::expired,
        now);
  database_.write([&](Session& session) {
    const std::int64_t before = to_unix(now - traces);
    for (const char* const table : {"parcel_event", "receipt", "link"})
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

std::vector<Parcels::Ending> Parcels::ending(Time when) const {
  std::vector<std::string> ids;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session,
        "SELECT id FROM parcel p WHERE tenant = 'default' AND state = 'ready' AND expires <= ? AND "
        "NOT EXISTS (SELECT 1 FROM parcel_event e WHERE e.tenant = p.tenant AND e.parcel = p.id "
        "AND "
        "e.what = 'warned')",
        to_unix(when));
    for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows.text("id", i));
  });
  std::vector<Ending> found;
  for (const std::string& id : ids) {
    auto parcel = find(id);
    if (!parcel) continue;
    auto people = waiting_for(id);
    if (!people.empty()) found.push_back({std::move(*parcel), std::move(people)});
  }
  return found;
}

std::vector<std::string> Parcels::waiting_for(const std::string& id) const {
  std::set<std::string> have_fetched;
  for (const ParcelEvent& event : events(id))
    if (event.what == "fetched") have_fetched.insert(event.recipient);
  std::vector<std::string> people;
  for (const LinkState& link : links(id))
    if (!link.recalled && !link.recipient.empty() && !have_fetched.contains(link.recipient))
      people.push_back(link.recipient);
  return people;
}

std::vector<FileId> Parcels::unknown(const std::vector<FileId>& files) const {
  std::vector<FileId> found;
  database_.read([&](Session& session) {
    for (const FileId& file : files) {
      const auto rows = sql::select(session,
                                    "SELECT file_id FROM upload WHERE tenant = 'default' AND "
                                    "file_id = ? UNION SELECT file_id "
                                    "FROM parcel_file WHERE tenant = 'default' AND file_id = ?",
                                    file.str(), file.str());
      if (rows.empty()) found.push_back(file);
    }
  });
  return found;
}

}  // namespace siegel::transfer
