// How uploads become a parcel, and what waits until its notices have left.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "gateway/transfer/links.h"
#include "gateway/transfer/parcels.h"
#include "gateway/transfer/password.h"
#include "gateway/transfer/receipt.h"
#include "gateway/transfer/rows.h"
#include "gateway/transfer/spoken_code.h"
#include "pki/store_base64.h"

namespace siegel::transfer {
namespace {

using sql::Session;

std::string write(const Waiting& waiting) {
  nlohmann::json links = nlohmann::json::array();
  for (const NewLink& link : waiting.links)
    links.push_back({{"recipient", link.recipient}, {"secret", link.secret.text()}});
  return nlohmann::json{{"key", pki::to_base64(waiting.key.octets())},
                        {"links", links},
                        {"has_password", waiting.has_password}}
      .dump();
}

Waiting read_waiting(const std::string& id, const std::string& json) {
  const auto tree = nlohmann::json::parse(json);
  Waiting waiting{id,
                  pki::Secret(pki::from_base64(tree.at("key").get<std::string>())),
                  {},
                  tree.at("has_password").get<bool>()};
  for (const auto& link : tree.at("links")) {
    auto secret = LinkSecret::parse(link.at("secret").get<std::string>());
    waiting.links.push_back({link.at("recipient").get<std::string>(), std::move(secret).value()});
  }
  return waiting;
}

std::uint64_t sum_of(const std::vector<Upload>& uploads) {
  std::uint64_t octets = 0;
  for (const Upload& upload : uploads) octets += upload.octets;
  return octets;
}

/// What a password makes of itself for one link.
struct Lock {
  std::string salt;  // empty: there is no password
  pki::Secret stretched;
};

Lock lock_of(const pki::Secret& password) {
  if (password.octets().empty()) return {};
  std::string salt = new_password_salt();
  pki::Secret stretched = stretch(password, salt);
  return {std::move(salt), std::move(stretched)};
}

/// One for each link; or one for all, since it is one password, and stretching takes its time.
std::vector<Lock> locks_of(const ParcelWish& wish) {
  std::vector<Lock> locks;
  for (const pki::Secret& password : wish.passwords) locks.push_back(lock_of(password));
  if (locks.empty()) locks.push_back(lock_of(wish.password));
  return locks;
}

/// Writes all rows of one new parcel, in one transaction.
class Posting {
 public:
  Posting(Session& session, const pki::Seal& seal, const ParcelWish& wish, Time now)
      : session_(session), seal_(seal), wish_(wish), now_(now) {}

  /// Two may want the same uploads at once, such as a double click: one gets them.
  [[nodiscard]] bool are_free(const std::vector<Upload>& uploads) {
    return std::ranges::all_of(uploads, [&](const Upload& upload) {
      return !sql::select(session_,
                          "SELECT lookup FROM upload WHERE tenant = 'default' AND lookup = ?",
                          upload.lookup)
                  .empty();
    });
  }

  void put_parcel(const std::string& id, std::uint64_t octets) {
    sql::run(session_,
             "INSERT INTO parcel (tenant, id, origin, owner, state, sealed_note, octets, created, "
             "expires, ended) VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, 0)",
             id, std::string(name(wish_.origin)), rows::owner_text(wish_.owner),
             std::string(name(wish_.is_examined ? ParcelState::ready : ParcelState::waiting)),
             seal_.seal(rows::write(wish_.note), identity::note(id)),
             static_cast<std::int64_t>(octets), to_unix(now_), to_unix(now_ + wish_.life));
  }

  /// The upload's row goes: its secret opens nothing any more.
  void put_file(const std::string& id, std::int64_t position, const Upload& upload,
                const pki::Seal& parcel_key) {
    sql::run(session_,
             "INSERT INTO parcel_file (tenant, parcel, position, file_id, sealed_key, sealed_name, "
             "media_type, octets) VALUES ('default', ?, ?, ?, ?, ?, ?, ?)",
             id, position, upload.id.str(),
             parcel_key.seal(upload.key.octets(), identity::file_key(id, upload.id)),
             seal_.seal(upload.name, identity::file_name(id, upload.id)), upload.media_type,
             static_cast<std::int64_t>(upload.octets));
    sql::run(session_, "DELETE FROM upload WHERE tenant = 'default' AND lookup = ?", upload.lookup);
  }

  void put_link(const Waiting& waiting, const NewLink& link, const Lock& lock) {
    sql::run(session_,
             "INSERT INTO link (tenant, lookup, parcel, recipient, sealed_key, salt, wrong, "
             "locked, recalled) VALUES ('default', ?, ?, ?, ?, ?, 0, 0, 0)",
             link.secret.lookup(Links::kind), waiting.parcel, link.recipient,
             link.secret.seal(Links::kind, lock.stretched.octets())
                 .seal(waiting.key.octets(), identity::link_key(waiting.parcel)),
             lock.salt);
  }

  void put_pickup(const Waiting& waiting, const NewLink& link) {
    const std::string lookup = link.secret.lookup(Links::kind);
    sql::run(session_,
             "INSERT INTO pickup (tenant, link, parcel, sealed_code_to, code, wrong, expires, "
             "codes, codes_since, answers) VALUES ('default', ?, ?, ?, '', 0, 0, 0, 0, 0)",
             lookup, waiting.parcel,
             wish_.code_to.empty() ? std::string()
                                   : seal_.seal(wish_.code_to, identity::code_to(lookup)));
  }

  void put_waiting(const Waiting& waiting) {
    sql::run(session_,
             "INSERT INTO waiting (tenant, parcel, sealed, next_try) VALUES ('default', ?, ?, ?)",
             waiting.parcel, seal_.seal(write(waiting), identity::waiting(waiting.parcel)),
             to_unix(now_));
  }

  void put_trial(const std::string& id) {
    sql::run(session_, "INSERT INTO on_trial (tenant, parcel, mail) VALUES ('default', ?, ?)", id,
             wish_.on_trial_for);
  }

  void put_receipt(const std::string& id, const std::string& code) {
    sql::run(session_, "INSERT INTO receipt (tenant, lookup, parcel) VALUES ('default', ?, ?)",
             receipt_lookup(seal_, code), id);
  }

 private:
  Session& session_;
  const pki::Seal& seal_;
  const ParcelWish& wish_;
  Time now_;
};

}  // namespace

std::variant<std::vector<Upload>, ParcelRefusal> Parcels::gather(const ParcelWish& wish) const {
  const Uploads uploads(database_, store_, seal_, clock_);
  std::vector<Upload> found;
  for (const LinkSecret* const secret : wish.uploads) {
    auto upload = uploads.find(*secret);
    const bool is_known = upload && is_same_owner(upload->owner, wish.owner) &&
                          std::ranges::find(found, upload->lookup, &Upload::lookup) == found.end();
    if (!is_known) return ParcelRefusal::upload_unknown;
    const auto blob = store_.read(upload->id);
    if (!blob || blob->size() != sealed_length(upload->octets))
      return ParcelRefusal::upload_incomplete;
    found.push_back(std::move(*upload));
  }
  return found;
}

std::variant<Parcels::Posted, ParcelRefusal> Parcels::post(const ParcelWish& wish,
                                                           std::uint64_t octets_limit) {
  auto gathered = gather(wish);
  if (const auto* const refused = std::get_if<ParcelRefusal>(&gathered)) return *refused;
  const auto& uploads = std::get<std::vector<Upload>>(gathered);
  if (sum_of(uploads) > octets_limit) return ParcelRefusal::too_large;

  Waiting waiting{random_hex(16),
                  ChunkCipher::make_key(),
                  {},
                  !wish.password.octets().empty() || !wish.passwords.empty()};
  for (const std::string& recipient : wish.recipients)
    waiting.links.push_back({recipient, LinkSecret::make()});
  std::string receipt = new_spoken_code();
  if (!write_parcel(wish, uploads, waiting, receipt)) return ParcelRefusal::upload_unknown;
  return Posted{std::move(waiting), std::move(receipt)};
}

bool Parcels::write_parcel(const ParcelWish& wish, const std::vector<Upload>& uploads,
                           const Waiting& waiting, const std::string& receipt) {
  const std::vector<Lock> locks = locks_of(wish);
  const pki::Seal parcel_key = pki::Seal::from_octets(waiting.key);
  bool is_written = false;
  database_.write([&](Session& session) {
    Posting posting(session, seal_, wish, clock_.now());
    if (!posting.are_free(uploads)) return;
    posting.put_parcel(waiting.parcel, sum_of(uploads));
    for (std::size_t i = 0; i < uploads.size(); ++i)
      posting.put_file(waiting.parcel, static_cast<std::int64_t>(i), uploads[i], parcel_key);
    for (std::size_t i = 0; i < waiting.links.size(); ++i) {
      posting.put_link(waiting, waiting.links[i], wish.passwords.empty() ? locks[0] : locks.at(i));
      if (wish.origin == Origin::pickup) posting.put_pickup(waiting, waiting.links[i]);
    }
    if (!wish.is_examined) posting.put_waiting(waiting);
    if (!wish.on_trial_for.empty()) posting.put_trial(waiting.parcel);
    posting.put_receipt(waiting.parcel, receipt);
    is_written = true;
  });
  return is_written;
}

// --- what waits

std::vector<std::string> Parcels::due() const {
  std::vector<std::string> ids;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session,
        "SELECT w.parcel AS parcel FROM waiting w JOIN parcel p ON p.tenant = w.tenant AND p.id = "
        "w.parcel WHERE w.tenant = 'default' AND p.state = 'waiting' AND w.next_try <= ? ORDER BY "
        "w.next_try",
        to_unix(clock_.now()));
    for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows.text("parcel", i));
  });
  return ids;
}

std::optional<Waiting> Parcels::waiting(const std::string& id) const {
  std::string sealed;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session, "SELECT sealed FROM waiting WHERE tenant = 'default' AND parcel = ?", id);
    if (!rows.empty()) sealed = rows.text("sealed");
  });
  if (sealed.empty()) return std::nullopt;
  return read_waiting(id, seal_.open(sealed, identity::waiting(id)));
}

void Parcels::postpone(const std::string& id, Time next_try) {
  database_.write([&](Session& session) {
    sql::run(session, "UPDATE waiting SET next_try = ? WHERE tenant = 'default' AND parcel = ?",
             to_unix(next_try), id);
  });
}

namespace {

bool is_open(Session& session, const std::string& id, const std::string& recipient) {
  return !sql::select(session,
                      "SELECT lookup FROM link WHERE tenant = 'default' AND parcel = ? AND "
                      "recipient = ? AND recalled = 0",
                      id, recipient)
              .empty();
}

}  // namespace

void Parcels::release(const std::string& id, const std::vector<Mail>& notices, Outbox& outbox) {
  database_.write([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT id FROM parcel WHERE tenant = 'default' AND id = ? AND "
                                  "state IN ('waiting', 'infected')",
                                  id);
    if (rows.empty()) return;
    sql::run(session, "UPDATE parcel SET state = 'ready' WHERE tenant = 'default' AND id = ?", id);
    sql::run(session, "DELETE FROM waiting WHERE tenant = 'default' AND parcel = ?", id);
    for (const Mail& notice : notices)
      if (notice.recipient.empty() || is_open(session, id, notice.recipient))
        outbox.put(session, notice);
  });
}

pki::Secret Parcels::file_key(const Parcel& parcel, const ParcelFile& file,
                              const pki::Secret& key) const {
  std::string sealed;
  database_.read([&](Session& session) {
    sealed = sql::select(session,
                         "SELECT sealed_key FROM parcel_file WHERE tenant = 'default' AND parcel = "
                         "? AND position = ?",
                         parcel.id, static_cast<std::int64_t>(file.position))
                 .text("sealed_key");
  });
  return pki::Secret(
      pki::Seal::from_octets(key).open(sealed, identity::file_key(parcel.id, file.id)));
}

}  // namespace siegel::transfer
