#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/peers.h"
#include "pki/store_sql.h"

/// The rows of table `peer`.
namespace siegel::pki::sql {

[[nodiscard]] std::vector<StoredPeer> all_peers(Session& session);
/// Of one address; where the settings fold local parts, also of those that differ in case only.
[[nodiscard]] std::vector<StoredPeer> peers_of(Session& session, const Address& address,
                                               const config::SmimeSettings& settings);
[[nodiscard]] std::optional<StoredPeer> peer_of_id(Session& session, std::int64_t id);

/// With the id that the record holds.
void insert_peer(Session& session, const StoredPeer& peer);
void remove_peer(Session& session, std::int64_t id);
void note_seen(Session& session, std::int64_t id, Time at);
void take_capabilities(Session& session, std::int64_t id, const Capabilities& capabilities,
                       Time signing_time);
/// Usable from `at` on, by the word of `provenance`.
void promote_peer(Session& session, std::int64_t id, Provenance provenance, Time at);

/// a better source has named it too.
void raise_rank(Session& session, std::int64_t id, Provenance provenance);

/// How many keys of addresses in `domain` strangers have brought since then: by mail, or by places
/// that are not our own.
[[nodiscard]] std::int64_t new_peers_since(Session& session, const std::string& domain, Time since);
/// Addresses without a usable key left at `at`, a certificate or an OpenPGP key, because the last
/// expired; each is given once.
[[nodiscard]] std::vector<Address> take_expired(Session& session, Time at);

}  // namespace siegel::pki::sql
