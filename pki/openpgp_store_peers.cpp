#include <algorithm>

#include "pki/openpgp_peer_rows.h"
#include "pki/openpgp_store.h"
#include "pki/store_names.h"

namespace siegel::pki {
namespace {

using sql::Session;

constexpr int learning_attempts = 5;

std::string detail_of(const std::string& fingerprint) {
  return "OpenPGP " + fingerprint;
}

/// What comes by itself is taken only where the operator lets it.
bool is_wanted(Provenance provenance, const config::Config& config) {
  const bool is_by_mail =
      provenance == Provenance::harvested || provenance == Provenance::autocrypt;
  if (is_by_mail && !config.harvest.enabled) return false;
  const bool takes_autocrypt = config.openpgp && config.openpgp->autocrypt;
  return provenance != Provenance::autocrypt || takes_autocrypt;
}

StoredOpenPgpPeer new_peer(const HarvestedOpenPgp& harvested, const OpenPgpLesson& lesson,
                           Time at) {
  OpenPgpPeerRecord record{.address = harvested.address};
  record.provenance = harvested.provenance;
  record.pending = lesson.learned == Learned::pending;
  record.prefers_encryption = harvested.prefers_encryption;
  record.why = harvested.why;
  record.message_id = harvested.message_id;
  record.first_seen = record.last_seen = record.usable_since = at;
  record.said_at = harvested.said_at;
  return {std::move(record), harvested.key};
}

void add(Session& session, const OpenPgpLesson& lesson, StoredOpenPgpPeer peer) {
  OpenPgpPeerRecord& record = peer.record;
  const std::string address = record.address.str();
  if (lesson.makes_room_by) {
    sql::remove_openpgp_peer(session, *lesson.makes_room_by);
    sql::record(session, record.last_seen,
                {by_gateway, "peer-dropped", address,
                 "number " + std::to_string(*lesson.makes_room_by) +
                     " made room: it had ended, was never approved, or came by a lower rank"});
  }
  record.id = sql::next_number(session, "peer");
  sql::insert_openpgp_peer(session, peer);
  sql::record(session, record.last_seen,
              {by_gateway, record.pending ? "peer-pending" : "peer-added", address,
               detail_of(peer.key.fingerprint()) + (record.pending ? ": " : "") + lesson.reason});
}

void refresh(Session& session, const OpenPgpLesson& lesson, const HarvestedOpenPgp& harvested,
             Time at) {
  const std::int64_t id = *lesson.refreshes;
  const Event event{
      by_gateway, {}, harvested.address.str(), detail_of(harvested.key.fingerprint())};
  const auto tell = [&](const char* action) {
    sql::record(session, at, {event.actor, action, event.subject, event.detail});
  };
  sql::note_openpgp_seen(session, id, at, lesson.said_at);
  if (lesson.takes_word) sql::take_openpgp_word(session, id, harvested);
  if (lesson.takes_key) {
    sql::take_openpgp_key(session, id, harvested.key);
    tell(harvested.key.subkeys.front().is_revoked ? "peer-revoked" : "peer-changed");
  }
  if (lesson.takes_rank) {
    sql::promote_openpgp_peer(session, id, harvested.provenance, at);
    tell("peer-vouched");
  }
}

/// Of a key that does not name the address that it is for; of a whole domain rather than of others.
Address first_address(const OpenPgpKey& key, const Address& otherwise) {
  const auto is_name = [](const OpenPgpUserId& each) { return each.address && !each.is_revoked; };
  auto found = std::ranges::find_if(key.user_ids, [&](const OpenPgpUserId& each) {
    return is_name(each) && each.address->domain() == otherwise.domain();
  });
  if (found == key.user_ids.end()) found = std::ranges::find_if(key.user_ids, is_name);
  return found == key.user_ids.end() ? otherwise : *found->address;
}

/// What an admin would otherwise add in vain: it would never be chosen.
void check_useful(const OpenPgpKey& key, Time now) {
  const OpenPgpSubkey& primary = key.subkeys.front();
  const std::string subject = "the key " + key.fingerprint();
  if (primary.is_revoked)
    throw Error(Fault::peer, subject + " is revoked by its owner; ask for the new one");
  if (primary.expires && *primary.expires <= now) {
    throw Error(Fault::peer, subject + " expired on " + rfc3339(*primary.expires) +
                                 "; ask its owner to prolong it, or for the new one");
  }
  if (key.encrypting(now) != nullptr) return;
  throw Error(Fault::peer, subject +
                               " has no subkey that is fit for encryption now (it may have "
                               "expired, or be too weak); ask for another key");
}

}  // namespace

Learned OpenPgpStore::learn(const HarvestedOpenPgp& harvested, Time at) {
  if (!is_wanted(harvested.provenance, *settings())) return Learned::ignored;
  HarvestedOpenPgp kept = harvested;
  kept.said_at = std::min(kept.said_at, at);
  // Each time in vain, somebody else has changed the keys of this address meanwhile.
  for (int attempt = 0; attempt < learning_attempts; ++attempt)
    if (const auto learned = learn_once(kept, at)) return *learned;
  throw Error(Fault::world, "the keys of " + harvested.address.str() +
                                " are being changed by others all the time; try again later");
}

/// Nothing if the rows were no longer those that the lesson was drawn from.
std::optional<Learned> OpenPgpStore::learn_once(HarvestedOpenPgp harvested, Time at) const {
  const auto config = settings();
  const auto rows_now = [&](Session& session) {
    return sql::openpgp_peers_of(session, folded(harvested.address));
  };
  std::vector<sql::OpenPgpPeerRow> rows;
  database_.read([&](Session& session) { rows = rows_now(session); });
  const auto known = read_peers(rows);
  OpenPgpLesson lesson = weigh(known, harvested, *config, at);
  if (lesson.inserts || lesson.takes_key) {
    auto cut = cut_down(harvested.key, harvested.address);
    if (!cut) return Learned::ignored;
    harvested.key = *std::move(cut);
    lesson = weigh(known, harvested, *config, at);
  }
  if (!lesson.inserts && !lesson.refreshes) return lesson.learned;
  bool is_same = false;
  database_.write([&](Session& session) {
    is_same = rows_now(session) == rows;
    if (is_same) carry_out(session, lesson, harvested, at);
  });
  return is_same ? std::optional(lesson.learned) : std::nullopt;
}

void OpenPgpStore::carry_out(Session& session, OpenPgpLesson& lesson,
                             const HarvestedOpenPgp& harvested, Time at) const {
  const auto limit = settings()->harvest.new_per_domain_and_hour;
  if (lesson.refreshes) refresh(session, lesson, harvested, at);
  if (lesson.inserts) {
    // whoever can write from a whole domain must not be able to fill the database.
    const std::int64_t newcomers = sql::new_openpgp_peers_since(session, harvested.address.domain(),
                                                                at - std::chrono::hours(1));
    if (newcomers >= limit) {
      lesson.learned = Learned::ignored;
      return;
    }
    add(session, lesson, new_peer(harvested, lesson, at));
  }
  sql::changed(session, sql::openpgp_peer_topic);
}

std::vector<OpenPgpPeerRecord> OpenPgpStore::peer_records(
    const std::optional<Address>& address) const {
  const bool folds = settings()->smime.fold_local_part;
  std::vector<OpenPgpPeerRecord> records;
  database_.read([&](Session& session) {
    const auto rows =
        address ? sql::openpgp_peers_of(session, folded(*address)) : sql::openpgp_peers(session);
    for (const sql::OpenPgpPeerRow& row : rows) {
      if (!address || folds || row.record.address == *address) records.push_back(row.record);
    }
  });
  return records;
}

OpenPgpPeerRecord OpenPgpStore::add_peer(const Address& address, const OpenPgpKey& key,
                                         Naming naming) {
  const Time now = clock_.now();
  check_useful(key, now);
  const bool is_named = key.names(address, settings()->smime.fold_local_part);
  if (naming == Naming::demanded && !is_named && !is_domain_wide(address)) {
    throw Error(Fault::peer, "the key " + key.fingerprint() + " does not name " + address.str() +
                                 "; if it is right all the same, add --any-address");
  }
  OpenPgpLesson lesson;
  lesson.learned = Learned::added;
  const HarvestedOpenPgp given{
      address,
      demand_cut_down(key, is_named ? address : first_address(key, address)),
      Provenance::admin,
      false,
      now,
      {},
      "added by an administrator"};
  StoredOpenPgpPeer peer = new_peer(given, lesson, now);
  database_.write([&](Session& session) {
    for (const sql::OpenPgpPeerRow& row : sql::openpgp_peers_of(session, folded(address)))
      if (row.record.address == address && row.record.fingerprint == key.fingerprint()) {
        peer.record.first_seen = row.record.first_seen;
        sql::remove_openpgp_peer(session, row.record.id);
      }
    peer.record.id = sql::next_number(session, "peer");
    sql::insert_openpgp_peer(session, peer);
    sql::changed(session, sql::openpgp_peer_topic);
    sql::record(session, now, {actor_, "peer-added", address.str(), detail_of(key.fingerprint())});
  });
  return peer.record;
}

bool OpenPgpStore::approve_peer(std::int64_t id) {
  bool was_there = false;
  database_.write([&](Session& session) {
    const auto peer = sql::openpgp_peer_of_id(session, id);
    was_there = peer.has_value();
    if (!was_there) return;
    const OpenPgpPeerRecord& record = peer->record;
    const Time now = clock_.now();
    sql::promote_openpgp_peer(session, id, record.provenance, now);
    sql::changed(session, sql::openpgp_peer_topic);
    sql::record(session, now,
                {actor_, "peer-approved", record.address.str(), detail_of(record.fingerprint)});
  });
  return was_there;
}

bool OpenPgpStore::forget_peer(std::int64_t id) {
  bool was_there = false;
  database_.write([&](Session& session) {
    const auto peer = sql::openpgp_peer_of_id(session, id);
    was_there = peer.has_value();
    if (!was_there) return;
    sql::remove_openpgp_peer(session, id);
    sql::changed(session, sql::openpgp_peer_topic);
    sql::record(session, clock_.now(),
                {actor_, "peer-forgotten", peer->record.address.str(),
                 detail_of(peer->record.fingerprint)});
  });
  return was_there;
}

}  // namespace siegel::pki
