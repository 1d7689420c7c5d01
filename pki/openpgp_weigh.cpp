#include "pki/openpgp_weigh.h"

#include <algorithm>
#include <tuple>

namespace siegel::pki {
namespace {

using Known = std::span<const StoredOpenPgpPeer>;

constexpr std::chrono::hours seen_again_after{24};

bool is_revoked(const OpenPgpKey& key) {
  return key.subkeys.front().is_revoked;
}

/// Provenance is in the order of its ranks.
bool is_better(Provenance a, Provenance b) {
  return a < b;
}

auto facts_of(const OpenPgpSubkey& subkey) {
  return std::tie(subkey.fingerprint, subkey.expires, subkey.is_revoked, subkey.may_sign,
                  subkey.may_encrypt);
}

/// the dates of a lower rank are no measure for a better one, for anybody may set them.
bool is_newer(const OpenPgpPeerRecord& record, const HarvestedOpenPgp& harvested) {
  return is_better(harvested.provenance, record.provenance) || harvested.said_at > record.said_at;
}

/// When what the row says from now on was said; a lower rank does not date it.
Time said_at_after(const OpenPgpPeerRecord& record, const HarvestedOpenPgp& harvested,
                   const OpenPgpLesson& lesson) {
  if (lesson.takes_rank) return harvested.said_at;
  if (is_better(record.provenance, harvested.provenance)) return record.said_at;
  return std::max(record.said_at, harvested.said_at);
}

/// Signatures that say the same again are not worth a write.
bool say_the_same(const OpenPgpKey& a, const OpenPgpKey& b) {
  return std::ranges::equal(a.subkeys, b.subkeys,
                            [](const OpenPgpSubkey& one, const OpenPgpSubkey& other) {
                              return facts_of(one) == facts_of(other);
                            });
}

/// True if whatever could be done with `old` can be done with `fresh`, and for as long.
bool only_adds(const OpenPgpKey& old, const OpenPgpKey& fresh) {
  return std::ranges::all_of(old.subkeys, [&](const OpenPgpSubkey& known) {
    const auto same =
        std::ranges::find(fresh.subkeys, known.fingerprint, &OpenPgpSubkey::fingerprint);
    if (same == fresh.subkeys.end()) return false;
    const bool lasts = !same->expires || (known.expires && *same->expires >= *known.expires);
    return lasts && (same->may_encrypt || !known.may_encrypt) &&
           (same->may_sign || !known.may_sign) && same->is_revoked == known.is_revoked;
  });
}

/// A revocation counts whenever and however it came, for only the owner can make one, and is final.
/// Otherwise the newer word counts; but who came by a lower rank may be a stranger who plays
/// an old state of the key again, and must not take anything away.
bool takes_key(const StoredOpenPgpPeer& peer, const HarvestedOpenPgp& harvested) {
  if (is_revoked(peer.key)) return false;
  if (is_revoked(harvested.key)) return true;
  if (!is_newer(peer.record, harvested) || say_the_same(peer.key, harvested.key)) return false;
  return !is_better(peer.record.provenance, harvested.provenance) ||
         only_adds(peer.key, harvested.key);
}

/// A mail without Autocrypt does not say that its sender no longer wants encryption.
bool takes_word(const StoredOpenPgpPeer& peer, const HarvestedOpenPgp& harvested) {
  const bool says_so =
      harvested.provenance == Provenance::autocrypt || harvested.prefers_encryption;
  return says_so && harvested.said_at > peer.record.said_at &&
         harvested.prefers_encryption != peer.record.prefers_encryption;
}

/// while a better source names a key that can be used, nothing below it is stored.
bool is_outranked(Known known, const HarvestedOpenPgp& harvested, Time at) {
  return std::ranges::any_of(known, [&](const StoredOpenPgpPeer& peer) {
    return is_usable(peer, at) && is_better(peer.record.provenance, harvested.provenance);
  });
}

/// an old message that is played again brings its old key with it. R-33: what came by a lower
/// rank makes nothing stale.
bool is_stale(Known known, const HarvestedOpenPgp& harvested) {
  return std::ranges::any_of(known, [&](const StoredOpenPgpPeer& peer) {
    const OpenPgpPeerRecord& record = peer.record;
    return !record.pending && !is_better(harvested.provenance, record.provenance) &&
           harvested.said_at < record.said_at;
  });
}

/// there is a pin while another key of the same rank can be used. A better rank replaces it.
bool is_pinned_otherwise(Known known, const HarvestedOpenPgp& harvested, Time at) {
  return std::ranges::any_of(known, [&](const StoredOpenPgpPeer& peer) {
    return is_usable(peer, at) && peer.record.provenance == harvested.provenance &&
           peer.key.fingerprint() != harvested.key.fingerprint();
  });
}

Learned standing_of(Known known, const HarvestedOpenPgp& harvested, Time at) {
  if (is_outranked(known, harvested, at) || is_stale(known, harvested)) return Learned::ignored;
  return is_pinned_otherwise(known, harvested, at) ? Learned::pending : Learned::added;
}

OpenPgpLesson weigh_again(const StoredOpenPgpPeer& peer, Known known,
                          const HarvestedOpenPgp& harvested, Time at) {
  OpenPgpLesson lesson;
  const OpenPgpPeerRecord& record = peer.record;
  if (is_revoked(peer.key)) return lesson;
  lesson.takes_key = takes_key(peer, harvested);
  lesson.takes_word = takes_word(peer, harvested);
  // What waits because of its rank waits no longer once a better one vouches for it.
  lesson.takes_rank = is_better(harvested.provenance, record.provenance) &&
                      (!record.pending || standing_of(known, harvested, at) == Learned::added);
  const bool was_long_ago = at - record.last_seen >= seen_again_after;
  const bool refreshes = was_long_ago || lesson.takes_key || lesson.takes_word || lesson.takes_rank;
  if (refreshes) lesson.refreshes = record.id;
  lesson.said_at = said_at_after(record, harvested, lesson);
  lesson.learned = record.pending && !lesson.takes_rank ? Learned::pending
                   : refreshes                          ? Learned::refreshed
                                                        : Learned::unchanged;
  return lesson;
}

/// what can no longer be used goes first, then what waits, then what came by a lower rank.
std::optional<std::int64_t> dispensable(Known known, const HarvestedOpenPgp& harvested,
                                        Learned learned, Time at) {
  const StoredOpenPgpPeer* chosen = nullptr;
  const auto order = [&](const StoredOpenPgpPeer& peer) {
    return std::tuple(is_usable(peer, at), peer.record.pending, peer.record.last_seen);
  };
  for (const StoredOpenPgpPeer& peer : known) {
    const OpenPgpPeerRecord& record = peer.record;
    const bool is_ended = !record.pending && !is_usable(peer, at);
    const bool may_yield = learned == Learned::added &&
                           (record.pending || is_better(harvested.provenance, record.provenance));
    const bool may_go = record.provenance != Provenance::admin && (is_ended || may_yield);
    if (may_go && (chosen == nullptr || order(peer) < order(*chosen))) chosen = &peer;
  }
  if (chosen == nullptr) return std::nullopt;
  return chosen->record.id;
}

OpenPgpLesson weigh_new(Known known, const HarvestedOpenPgp& harvested,
                        const config::Harvest& limits, Time at) {
  OpenPgpLesson lesson;
  lesson.learned = standing_of(known, harvested, at);
  if (lesson.learned == Learned::ignored) return lesson;
  if (lesson.learned == Learned::pending) lesson.reason = "another key than the one in use";
  lesson.inserts = true;
  if (known.size() < limits.certificates_per_address) return lesson;
  lesson.makes_room_by = dispensable(known, harvested, lesson.learned, at);
  return lesson.makes_room_by ? lesson : OpenPgpLesson{};
}

}  // namespace

OpenPgpLesson weigh(Known known, const HarvestedOpenPgp& harvested, const config::Config& config,
                    Time at) {
  const auto same =
      std::ranges::find(known, harvested.key.fingerprint(),
                        [](const StoredOpenPgpPeer& peer) { return peer.key.fingerprint(); });
  const bool revokes = same != known.end() && is_revoked(harvested.key);
  // Who writes from "*@domain" speaks for himself alone: only an admin speaks for a domain.
  const bool is_fit = harvested.key.encrypting(at) != nullptr &&
                      harvested.key.names(harvested.address, config.smime.fold_local_part) &&
                      !is_domain_wide(harvested.address);
  if (!revokes && !is_fit) return {};
  if (same != known.end()) return weigh_again(*same, known, harvested, at);
  return weigh_new(known, harvested, config.harvest, at);
}

bool is_usable(const StoredOpenPgpPeer& peer, Time at) {
  return !peer.record.pending && peer.key.encrypting(at) != nullptr;
}

void put_best_first(std::vector<StoredOpenPgpPeer>& peers) {
  const auto order = [](const StoredOpenPgpPeer& peer) {
    return std::tuple(static_cast<int>(peer.record.provenance), -to_unix(peer.record.usable_since),
                      -to_unix(peer.key.subkeys.front().created), -peer.record.id);
  };
  std::ranges::sort(peers, [&](const StoredOpenPgpPeer& a, const StoredOpenPgpPeer& b) {
    return order(a) < order(b);
  });
}

}  // namespace siegel::pki
