#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/openpgp_weigh.h"
#include "pki/store_sql.h"

/// The rows of table `openpgp_peer`.
namespace siegel::pki::sql {

struct OpenPgpPeerRow {
  OpenPgpPeerRecord record;
  std::string octets;  ///< as stored: not read yet
  [[nodiscard]] bool operator==(const OpenPgpPeerRow&) const = default;
};

[[nodiscard]] std::vector<OpenPgpPeerRow> openpgp_peers(Session& session);
/// By the folded address.
[[nodiscard]] std::vector<OpenPgpPeerRow> openpgp_peers_of(Session& session,
                                                           const std::string& folded);
[[nodiscard]] std::optional<OpenPgpPeerRow> openpgp_peer_of_id(Session& session, std::int64_t id);

/// With the id that the record holds.
void insert_openpgp_peer(Session& session, const StoredOpenPgpPeer& peer);
void remove_openpgp_peer(Session& session, std::int64_t id);
/// And when its owner last said something.
void note_openpgp_seen(Session& session, std::int64_t id, Time at, Time said_at);
void take_openpgp_key(Session& session, std::int64_t id, const OpenPgpKey& key);
/// Whether its owner wishes encryption.
void take_openpgp_word(Session& session, std::int64_t id, const HarvestedOpenPgp& harvested);
/// Usable from `at` on, by the word of `provenance`.
void promote_openpgp_peer(Session& session, std::int64_t id, Provenance provenance, Time at);

/// how many keys of addresses in `domain` came by themselves since then.
[[nodiscard]] std::int64_t new_openpgp_peers_since(Session& session, const std::string& domain,
                                                   Time since);

}  // namespace siegel::pki::sql
