#include <algorithm>

#include "pki/peers.h"
#include "pki/store_peer_rows.h"
#include "pki/store_snapshot.h"
#include "pki/store_status_rows.h"

namespace siegel::pki {
namespace {

using sql::Session;

void refresh(Session& session, const Lesson& lesson, const Harvested& harvested, Time at) {
  sql::note_seen(session, *lesson.refreshes, at);
  if (!lesson.takes_capabilities) return;
  sql::take_capabilities(session, *lesson.refreshes, *harvested.capabilities,
                         harvested.signing_time);
}

void add(Session& session, const Lesson& lesson, StoredPeer peer) {
  PeerRecord& record = peer.record;
  if (lesson.makes_room_by) {
    sql::remove_peer(session, *lesson.makes_room_by);
    sql::record(session, record.last_seen,
                {by_gateway, "peer-dropped", record.key.address.str(),
                 "number " + std::to_string(*lesson.makes_room_by) +
                     " made room: it had expired or was never approved"});
  }
  record.id = sql::next_number(session, "peer");
  record.pending = lesson.learned == Learned::pending;
  sql::insert_peer(session, peer);
  sql::record(
      session, record.last_seen,
      {by_gateway, record.pending ? "peer-pending" : "peer-added", record.key.address.str(),
       record.key.certificate.fingerprint() + (record.pending ? ": " : "") + lesson.reason});
}

StoredPeer new_peer(const Harvested& harvested, std::vector<Certificate> chain, Time at) {
  PeerKey key{harvested.address, harvested.certificate,
              harvested.capabilities.value_or(Capabilities{}), Provenance::harvested};
  return {PeerRecord{0, std::move(key), false, harvested.why, harvested.message_id, at, at,
                     harvested.signing_time},
          std::move(chain), at};
}

/// what may be kept at all; the path by which it was believed, or nothing.
std::optional<std::vector<Certificate>> believed_path(const Harvested& harvested,
                                                      const Trust& trust, Time at) {
  const config::SmimeSettings& settings = trust.material().settings;
  if (!harvested.certificate.may_encrypt(settings.any_extended_key_usage) ||
      !names(harvested.certificate, harvested.address, settings)) {
    return std::nullopt;
  }
  const PathResult path =
      trust.validate(harvested.certificate, harvested.helpers, Purpose::encrypt, at);
  if (path.status != PathStatus::trusted) return std::nullopt;
  return between(path.chain);
}

/// The lesson, carried out; what was learned in the end.
Learned apply(Session& session, const Lesson& lesson, StoredPeer peer,
              const config::Harvest& limits) {
  const Address& address = peer.record.key.address;
  const Time at = peer.record.last_seen;
  // whoever can make certificates for a whole domain must not be able to fill the database.
  if (sql::new_peers_since(session, address.domain(), at - std::chrono::hours(1)) >=
      limits.new_per_domain_and_hour) {
    return Learned::ignored;
  }
  add(session, lesson, std::move(peer));
  return lesson.learned;
}

}  // namespace

std::vector<PeerKey> KeyStore::peers(const Address& address, Time at) const {
  const auto config = settings();
  std::vector<StoredPeer> known;
  database_.read([&](Session& session) { known = sql::peers_of(session, address, config->smime); });
  if (known.empty()) return {};
  put_best_first(known);
  const auto believed = trust();
  std::vector<PeerKey> usable;
  std::vector<StatusNeed> wanted;
  bool is_unknown = false;
  for (const StoredPeer& peer : known) {
    Judgement judged = judge(peer, *believed, at);
    if (judged.usability == Usability::usable) usable.push_back(peer.record.key);
    is_unknown = is_unknown || judged.usability == Usability::unknown;
    std::ranges::move(judged.wanted, std::back_inserter(wanted));
  }
  sql::note_needs(database_, config->revocation, wanted, at);
  if (usable.empty() && is_unknown) {
    throw Error(Fault::world,
                "the revocation status of the certificate of " + address.str() +
                    " cannot be checked at the moment, please try again later",
                "no current revocation list of its issuer");
  }
  return usable;
}

Learned KeyStore::learn(const Harvested& harvested, Time at) {
  const auto kept = snapshot();
  const config::Config& config = *kept->parts().config;
  if (!config.harvest.enabled) return Learned::ignored;
  Lesson lesson;
  const auto weigh_now = [&](Session& session) {
    lesson = weigh(sql::peers_of(session, harvested.address, config.smime), harvested,
                   config.harvest, at);
  };
  database_.read(weigh_now);
  if (!lesson.refreshes && !lesson.inserts) return lesson.learned;
  const auto path = believed_path(harvested, *kept->parts().trust, at);
  if (!path) return Learned::ignored;
  database_.write([&](Session& session) {
    weigh_now(session);  // another thread may have learnt the same meanwhile
    if (lesson.refreshes) refresh(session, lesson, harvested, at);
    if (!lesson.inserts) return;
    lesson.learned = apply(session, lesson, new_peer(harvested, *path, at), config.harvest);
  });
  return lesson.learned;
}

}  // namespace siegel::pki
