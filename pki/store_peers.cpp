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
  if (lesson.raises_rank) sql::raise_rank(session, *lesson.refreshes, harvested.provenance);
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
              harvested.capabilities.value_or(Capabilities{}), harvested.provenance};
  return {PeerRecord{0, std::move(key), false, harvested.why, harvested.message_id, at, at,
                     harvested.signing_time},
          std::move(chain), at};
}

/// A certificate that speaks for a whole domain is an admin's choice: no message and no directory
/// brings one, whatever name stands in it.
bool may_be_learnt(const Harvested& harvested, const config::Config& config) {
  if (is_domain_wide(harvested.address)) return false;
  return config.harvest.enabled || harvested.provenance != Provenance::harvested;
}

/// what may be kept at all; the path by which it was believed, or nothing. What
/// would have to be known about it goes to `wanted`.
std::optional<std::vector<Certificate>> believed_path(const Harvested& harvested,
                                                      const Trust& trust, Time at,
                                                      std::vector<StatusNeed>& wanted) {
  const config::SmimeSettings& settings = trust.material().settings;
  if (!harvested.certificate.may_encrypt(settings.any_extended_key_usage) ||
      !names(harvested.certificate, harvested.address, settings)) {
    return std::nullopt;
  }
  PathResult path = trust.validate(harvested.certificate, harvested.helpers, Purpose::encrypt, at);
  wanted = std::move(path.wanted);
  if (path.status != PathStatus::trusted) return std::nullopt;
  return between(path.chain);
}

/// The lesson, carried out; what was learned in the end.
Learned apply(Session& session, const Lesson& lesson, StoredPeer peer,
              const config::Harvest& limits) {
  const Address& address = peer.record.key.address;
  const Time at = peer.record.last_seen;
  // whoever can make certificates for a whole domain must not be able to fill the database.
  if (peer.record.key.provenance != Provenance::directory &&
      sql::new_peers_since(session, address.domain(), at - std::chrono::hours(1)) >=
          limits.new_per_domain_and_hour) {
    return Learned::ignored;
  }
  add(session, lesson, std::move(peer));
  return lesson.learned;
}

/// By rank; within a rank those of the address, then those of its whole domain.
std::vector<StoredPeer> best_first(const Database& database, const Address& address,
                                   const config::SmimeSettings& settings) {
  std::vector<StoredPeer> own, of_domain;
  const auto whole = domain_wide(address);
  database.read([&](Session& session) {
    own = sql::peers_of(session, address, settings);
    if (whole && !is_domain_wide(address)) of_domain = sql::peers_of(session, *whole, settings);
  });
  put_best_first(own);
  put_best_first(of_domain);
  std::ranges::move(of_domain, std::back_inserter(own));
  std::ranges::stable_sort(own, {},
                           [](const StoredPeer& peer) { return peer.record.key.provenance; });
  return own;
}

}  // namespace

std::vector<PeerKey> KeyStore::peers(const Address& address, Time at) const {
  const auto config = settings();
  const std::vector<StoredPeer> known = best_first(database_, address, config->smime);
  if (known.empty()) return {};
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
  if (!may_be_learnt(harvested, config)) return Learned::ignored;
  Lesson lesson;
  const auto weigh_now = [&](Session& session) {
    lesson = weigh(sql::peers_of(session, harvested.address, config.smime), harvested,
                   config.harvest, at);
  };
  database_.read(weigh_now);
  if (!lesson.refreshes && !lesson.inserts) return lesson.learned;
  std::vector<StatusNeed> wanted;
  const auto path = believed_path(harvested, *kept->parts().trust, at, wanted);
  sql::note_needs(database_, config.revocation, wanted, at);
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
