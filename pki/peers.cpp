#include "pki/peers.h"

#include <algorithm>
#include <tuple>

namespace siegel::pki {
namespace {

bool is_expired(const StoredPeer& peer, Time at) {
  return peer.record.key.certificate.not_after() < at;
}

/// The order of R-33: less is better.
int rank(Provenance provenance) {
  return static_cast<int>(provenance);
}

int rank(const StoredPeer& peer) {
  return rank(peer.record.key.provenance);
}

bool is_pinned_by_admin(const StoredPeer& peer) {
  return peer.record.key.provenance == Provenance::admin;
}

/// what a pin is made of is who vouches for the key, and what kind of key it is.
bool same_pin(const Certificate& a, const Certificate& b) {
  return X509_NAME_cmp(X509_get_issuer_name(a.x509()), X509_get_issuer_name(b.x509())) == 0 &&
         EVP_PKEY_get_base_id(a.public_key()) == EVP_PKEY_get_base_id(b.public_key());
}

const StoredPeer* same_certificate(std::span<const StoredPeer> known, const Harvested& harvested) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const StoredPeer& peer) {
    return peer.record.key.certificate == harvested.certificate;
  });
  return found == known.end() ? nullptr : &*found;
}

constexpr std::chrono::hours seen_again_after{24};

Lesson weigh_again(const StoredPeer& peer, const Harvested& harvested, Time at) {
  Lesson lesson;
  const PeerRecord& record = peer.record;
  // the latest word counts, by the signing time of the message that said it.
  lesson.takes_capabilities =
      harvested.capabilities && harvested.signing_time > record.signing_time;
  const bool was_long_ago = at - record.last_seen >= seen_again_after;
  const bool says_more = lesson.takes_capabilities &&
                         (harvested.capabilities->aes_gcm != record.key.capabilities.aes_gcm ||
                          harvested.capabilities->rsa_oaep != record.key.capabilities.rsa_oaep);
  // the best source that has named it counts.
  lesson.raises_rank = rank(harvested.provenance) < rank(peer);
  const bool refreshes = was_long_ago || says_more || lesson.raises_rank;
  if (refreshes) lesson.refreshes = record.id;
  lesson.learned = record.pending ? Learned::pending
                   : refreshes    ? Learned::refreshed
                                  : Learned::unchanged;
  return lesson;
}

/// while a better source names a key that is in its time, nothing below it is stored. What
/// only waits for approval hides nothing.
bool is_outranked(std::span<const StoredPeer> known, Provenance provenance, Time at) {
  return std::any_of(known.begin(), known.end(), [&](const StoredPeer& peer) {
    return rank(peer) < rank(provenance) && !peer.record.pending && !is_expired(peer, at);
  });
}

/// an old message that is played again brings its old certificate with it; so does a
/// directory that nobody tidies.
bool is_stale(std::span<const StoredPeer> known, const Harvested& harvested, Time at) {
  return std::any_of(known.begin(), known.end(), [&](const StoredPeer& peer) {
    if (peer.record.pending || peer.record.key.provenance != harvested.provenance) return false;
    if (harvested.signing_time < peer.record.signing_time) return true;
    return !is_expired(peer, at) &&
           harvested.certificate.not_before() < peer.record.key.certificate.not_before();
  });
}

bool is_pinned_otherwise(std::span<const StoredPeer> known, const Certificate& certificate) {
  bool pinned = false;
  for (const StoredPeer& peer : known) {
    if (peer.record.pending) continue;
    if (same_pin(peer.record.key.certificate, certificate)) return false;
    pinned = true;
  }
  return pinned;
}

/// whether `peer` may make room for what `provenance` brings and is used at once. What
/// only waits goes for what is used, what is of a lower rank for what is of a higher one.
bool may_make_room(const StoredPeer& peer, Provenance provenance) {
  return peer.record.pending ? rank(peer) >= rank(provenance) : rank(peer) > rank(provenance);
}

/// the oldest that has expired goes first, an admin's word never.
std::optional<std::int64_t> dispensable(std::span<const StoredPeer> known, const Lesson& lesson,
                                        Provenance provenance, Time at) {
  const StoredPeer* chosen = nullptr;
  const auto worth = [&](const StoredPeer& peer) {
    return std::tuple(!is_expired(peer, at), !peer.record.pending, -rank(peer),
                      peer.record.key.certificate.not_after());
  };
  for (const StoredPeer& peer : known) {
    const bool may_go = !is_pinned_by_admin(peer) &&
                        (is_expired(peer, at) ||
                         (lesson.learned == Learned::added && may_make_room(peer, provenance)));
    if (may_go && (chosen == nullptr || worth(peer) < worth(*chosen))) chosen = &peer;
  }
  if (chosen == nullptr) return std::nullopt;
  return chosen->record.id;
}

/// An admin's word replaces the path, but neither a revocation nor the certificate's own
/// limits, which is_fit_by_itself looks at.
bool is_path_enough(const PathResult& path, Provenance provenance) {
  if (path.status == PathStatus::trusted) return true;
  return provenance == Provenance::admin && path.status != PathStatus::revoked;
}

/// For a certificate without a path, whose revocation OpenSSL never looks at, and for a list that
/// has become too old to prove anything but a revocation.
bool is_listed(const Certificate& certificate, const std::vector<Crl>& lists) {
  const X509_NAME* issuer = X509_get_issuer_name(certificate.x509());
  return std::any_of(lists.begin(), lists.end(), [&](const Crl& list) {
    X509_REVOKED* entry = nullptr;
    return X509_NAME_cmp(X509_CRL_get_issuer(list.x509_crl()), issuer) == 0 &&
           X509_CRL_get0_by_cert(list.x509_crl(), &entry, certificate.x509()) == 1;
  });
}

bool has_allowed_key(const Certificate& certificate) {
  const Strength strength = judge_key(certificate.public_key()).strength;
  return strength == Strength::ok || strength == Strength::weak;
}

bool is_fit_by_itself(const Certificate& certificate, const Trust::Material& material, Time at) {
  return at >= certificate.not_before() && at <= certificate.not_after() &&
         certificate.may_encrypt(material.settings.any_extended_key_usage) &&
         has_allowed_key(certificate) && !is_listed(certificate, material.crls);
}

}  // namespace

Lesson weigh(std::span<const StoredPeer> known, const Harvested& harvested,
             const config::Harvest& limits, Time at) {
  if (const StoredPeer* same = same_certificate(known, harvested)) {
    return weigh_again(*same, harvested, at);
  }
  Lesson lesson;
  if (is_outranked(known, harvested.provenance, at) || is_stale(known, harvested, at))
    return lesson;
  lesson.learned = Learned::added;
  if (is_pinned_otherwise(known, harvested.certificate)) {
    lesson.learned = Learned::pending;
    lesson.reason = "another issuer or kind of key than the one in use";
  }
  lesson.inserts = true;
  if (known.size() < limits.certificates_per_address) return lesson;
  lesson.makes_room_by = dispensable(known, lesson, harvested.provenance, at);
  return lesson.makes_room_by ? lesson : Lesson{};
}

bool names(const Certificate& certificate, const Address& address,
           const config::SmimeSettings& settings) {
  const auto& addresses = certificate.addresses();
  return std::any_of(addresses.begin(), addresses.end(), [&](const Address& name) {
    return name == address || (settings.fold_local_part && name.equals_folded(address));
  });
}

Judgement judge(const StoredPeer& peer, const Trust& trust, Time at) {
  const Certificate& certificate = peer.record.key.certificate;
  if (peer.record.pending || !is_fit_by_itself(certificate, trust.material(), at)) return {};
  PathResult path = trust.validate(certificate, peer.chain, Purpose::encrypt, at);
  if (path.status == PathStatus::unchecked_revocation) {
    return {path.soft_fail ? Usability::usable : Usability::unknown, std::move(path.wanted)};
  }
  const bool is_enough = is_path_enough(path, peer.record.key.provenance);
  return {is_enough ? Usability::usable : Usability::unusable, std::move(path.wanted)};
}

std::vector<Certificate> between(const std::vector<Certificate>& path) {
  std::vector<Certificate> chain;
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (!path[i].is_self_issued()) chain.push_back(path[i]);
  }
  return chain;
}

void put_best_first(std::vector<StoredPeer>& peers) {
  const auto order = [](const StoredPeer& peer) {
    const PeerKey& key = peer.record.key;
    return std::tuple(static_cast<int>(key.provenance), -to_unix(peer.usable_since),
                      -to_unix(key.certificate.not_before()), -peer.record.id);
  };
  std::sort(peers.begin(), peers.end(),
            [&](const StoredPeer& a, const StoredPeer& b) { return order(a) < order(b); });
}

}  // namespace siegel::pki
