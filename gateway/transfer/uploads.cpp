#include "gateway/transfer/uploads.h"

#include <algorithm>

#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/rows.h"

namespace siegel::transfer {
namespace {

using sql::Session;

/// What a stranger announces and does not begin is no promise for long: others wait for the room.
constexpr std::chrono::seconds strangers_patience = std::chrono::hours(1);

/// Octets that are kept or promised for one owner, or for all.
struct Kept {
  std::uint64_t parcels = 0, ours = 0, strangers = 0;
};

Kept kept(Session& session, const std::string& owner) {
  const auto sum = [&](const char* text) {
    return static_cast<std::uint64_t>(sql::select(session, text, owner, owner).number("kept"));
  };
  return {sum("SELECT COALESCE(SUM(octets), 0) AS kept FROM parcel WHERE tenant = 'default' AND "
              "(owner = ? OR ? = '') AND ended = 0"),
          sum("SELECT COALESCE(SUM(octets), 0) AS kept FROM upload WHERE tenant = 'default' AND "
              "(owner = ? OR ? = '') AND stranger = 0"),
          sum("SELECT COALESCE(SUM(octets), 0) AS kept FROM upload WHERE tenant = 'default' AND "
              "(owner = ? OR ? = '') AND stranger = 1")};
}

bool fits(std::uint64_t octets, std::uint64_t beside, std::uint64_t limit) {
  return beside <= limit && octets <= limit - beside;
}

/// Strangers' promises count against strangers only.
bool fits(const UploadWish& wish, const Kept& beside, std::uint64_t limit) {
  const std::uint64_t promised = beside.ours + (wish.is_stranger ? beside.strangers : 0);
  return fits(wish.octets, beside.parcels + promised, limit);
}

std::optional<Refusal> refusal(Session& session, const UploadWish& wish, const BlobStore& store,
                               const config::TransferLimits& limits) {
  if (wish.octets > limits.file) return Refusal::file_too_large;
  const Kept of_owner = kept(session, rows::owner_text(wish.owner));
  if (wish.is_stranger && !fits(wish.octets, of_owner.strangers, limits.strangers))
    return Refusal::owner_full;
  if (!fits(wish, of_owner, limits.sender)) return Refusal::owner_full;
  if (!fits(wish, kept(session, {}), limits.total)) return Refusal::store_full;
  const std::uint64_t room = store.free_octets();
  if (room < limits.reserve || wish.octets > room - limits.reserve) return Refusal::store_full;
  return std::nullopt;
}

}  // namespace

Uploads::Uploads(Database& database, BlobStore& store, const pki::Seal& seal, const Clock& clock)
    : database_(database), store_(store), seal_(seal), clock_(clock) {}

std::variant<LinkSecret, Refusal> Uploads::begin(const UploadWish& wish,
                                                 const config::TransferSettings& settings) {
  LinkSecret secret = LinkSecret::make();
  const FileId id = FileId::make();
  const pki::Secret key = ChunkCipher::make_key();
  const Time now = clock_.now();
  const auto life = wish.is_stranger ? std::min(settings.lives.unfinished, strangers_patience)
                                     : settings.lives.unfinished;
  std::optional<Refusal> refused;
  database_.write([&](Session& session) {
    refused = refusal(session, wish, store_, settings.limits);
    if (refused) return;
    sql::run(
        session,
        "INSERT INTO upload (tenant, lookup, file_id, sealed_key, owner, stranger, sealed_name, "
        "sealed_said, media_type, octets, created, expires) VALUES ('default', ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?)",
        secret.lookup(kind), id.str(),
        secret.seal(kind).seal(key.octets(), identity::upload_key(id)),
        rows::owner_text(wish.owner), std::int64_t{wish.is_stranger ? 1 : 0},
        seal_.seal(wish.name, identity::upload_name(id)),
        seal_.seal(wish.said, identity::upload_said(id)), wish.media_type,
        static_cast<std::int64_t>(wish.octets), to_unix(now), to_unix(now + life));
  });
  if (refused) return *refused;
  return secret;
}

std::optional<Upload> Uploads::find(const LinkSecret& secret) const {
  std::optional<Upload> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT * FROM upload WHERE tenant = 'default' AND lookup = ? AND expires > ?",
        secret.lookup(kind), to_unix(clock_.now()));
    if (rows.empty()) return;
    const FileId id = rows::file_id(rows, 0);
    found.emplace(Upload{
        rows.text("lookup"), id,
        pki::Secret(secret.seal(kind).open(rows.text("sealed_key"), identity::upload_key(id))),
        rows::address(rows.text("owner")),
        seal_.open(rows.text("sealed_name"), identity::upload_name(id)), rows.text("media_type"),
        static_cast<std::uint64_t>(rows.number("octets")),
        seal_.open(rows.text("sealed_said"), identity::upload_said(id)), rows.moment("expires")});
  });
  return found;
}

Time Uploads::touch(const Upload& upload, const config::Lives& lives) {
  const Time expires = clock_.now() + lives.unfinished;
  database_.write([&](Session& session) {
    sql::run(session, "UPDATE upload SET expires = ? WHERE tenant = 'default' AND lookup = ?",
             to_unix(expires), upload.lookup);
  });
  return expires;
}

void Uploads::settle(const Upload& upload, std::uint64_t octets) {
  database_.write([&](Session& session) {
    sql::run(session, "UPDATE upload SET octets = ? WHERE tenant = 'default' AND lookup = ?",
             static_cast<std::int64_t>(octets), upload.lookup);
  });
}

void Uploads::cancel(const LinkSecret& secret) {
  const std::string lookup = secret.lookup(kind);
  std::optional<FileId> file;
  // The row first: a file without one is found by the sweep, a row without its file by nobody. And
  // in one transaction: a parcel may just have taken it.
  database_.write([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT file_id FROM upload WHERE tenant = 'default' AND lookup = ?", lookup);
    if (rows.empty()) return;
    file = rows::file_id(rows, 0);
    sql::run(session, "DELETE FROM upload WHERE tenant = 'default' AND lookup = ?", lookup);
  });
  if (file) store_.remove(*file);
}

std::size_t Uploads::sweep() {
  std::vector<FileId> ended;
  database_.write([&](Session& session) {
    const std::int64_t now = to_unix(clock_.now());
    const auto rows = sql::select(
        session, "SELECT file_id FROM upload WHERE tenant = 'default' AND expires <= ?", now);
    for (std::size_t i = 0; i < rows.size(); ++i) ended.push_back(rows::file_id(rows, i));
    sql::run(session, "DELETE FROM upload WHERE tenant = 'default' AND expires <= ?", now);
  });
  for (const FileId& file : ended) store_.remove(file);
  return ended.size();
}

}  // namespace siegel::transfer
