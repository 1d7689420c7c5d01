#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "pki/openpgp_keys.h"

/// What may become of an OpenPGP key that came by mail or was found, and which of those known may
/// be used: pure rules over what the database holds (STANDARDS §3.4, §4.3). No SQL, no gpg, no
/// clock. The counterpart of peers.h.
namespace siegel::pki {

/// A peer's OpenPGP key as stored, but for the key itself: with how it came and why it was
/// believed.
struct OpenPgpPeerRecord {
  std::int64_t id = 0;  ///< given once, of S/MIME's peer keys neither
  Address address;      ///< "*@domain" for the key of a whole domain
  std::string fingerprint{};
  Provenance provenance = Provenance::harvested;
  bool pending = false;  ///< not used until approved
  bool is_revoked = false;
  bool prefers_encryption = false;
  std::string why{}, message_id{};
  Time first_seen{}, last_seen{};
  Time said_at{};                 ///< when its owner last said something, by this rank or a better
  Time usable_since{};            ///< added or approved; the latest is preferred within its rank
  std::optional<Time> expires{};  ///< nothing: never
  [[nodiscard]] bool operator==(const OpenPgpPeerRecord&) const = default;
};

struct StoredOpenPgpPeer {
  OpenPgpPeerRecord record;
  OpenPgpKey key;
};

/// What is to be done with a key that was harvested or found.
struct OpenPgpLesson {
  Learned learned = Learned::ignored;
  bool inserts = false;                       ///< a new row, usable or pending by `learned`
  std::optional<std::int64_t> refreshes;      ///< id of the row that holds this key
  bool takes_key = false;                     ///< for `refreshes`: its octets are to be replaced
  bool takes_word = false;                    ///< for `refreshes`: what its owner prefers
  bool takes_rank = false;                    ///< for `refreshes`: it came by a better way now
  Time said_at{};                             ///< for `refreshes`: from now on
  std::optional<std::int64_t> makes_room_by;  ///< id of a row that has to go first (R-38)
  const char* reason = "";                    ///< for the audit
};

/// `known` are all rows of the address. and the limit per address of R-38.
[[nodiscard]] OpenPgpLesson weigh(std::span<const StoredOpenPgpPeer> known,
                                  const HarvestedOpenPgp& harvested, const config::Config& config,
                                  Time at);

/// what is pending, revoked, expired or of a refused algorithm is never chosen, whoever added
/// it.
[[nodiscard]] bool is_usable(const StoredOpenPgpPeer& peer, Time at);

/// Best first: rank, then the latest added or approved, then the newest.
void put_best_first(std::vector<StoredOpenPgpPeer>& peers);

}  // namespace siegel::pki
