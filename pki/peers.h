#pragma once

#include <optional>
#include <span>
#include <vector>

#include "pki/store.h"

/// What may become of a certificate that was harvested or found, and which peer keys may be used:
/// pure rules over what the database holds (STANDARDS §3.4, §5.4). No SQL, no clock.
namespace siegel::pki {

/// A peer key with what the rules need besides.
struct StoredPeer {
  PeerRecord record;
  std::vector<Certificate> chain;  ///< path helpers that came with it
  Time usable_since{};             ///< added or approved; the latest is preferred within its rank
};

/// What is to be done with a certificate that was harvested or found.
struct Lesson {
  Learned learned = Learned::ignored;
  bool inserts = false;                       ///< a new row, usable or pending by `learned`
  std::optional<std::int64_t> refreshes;      ///< id of the row that holds this certificate
  bool takes_capabilities = false;            ///< for `refreshes` (R-36)
  bool raises_rank = false;                   ///< for `refreshes` (R-33)
  std::optional<std::int64_t> makes_room_by;  ///< id of a row that has to go first (R-38)
  const char* reason = "";                    ///< for the audit, if it is pending
};

/// The rules of pinning. `known` are all rows of the address; the certificate is trusted and fits
/// the address. and the limit per address of R-38.
[[nodiscard]] Lesson weigh(std::span<const StoredPeer> known, const Harvested& harvested,
                           const config::Harvest& limits, Time at);

/// True if the certificate names the address, by the settings perhaps in another case.
[[nodiscard]] bool names(const Certificate& certificate, const Address& address,
                         const config::SmimeSettings& settings);

enum class Usability {
  usable,
  unknown,   ///< its revocation status could not be known, and its anchor demands it
  unusable,  ///< pending, expired, revoked, unfit, untrusted
};
struct Judgement {
  Usability usability = Usability::unusable;
  std::vector<StatusNeed> wanted;  ///< as PathResult::wanted
};
/// and the column "choosing a recipient key" of STANDARDS §5.4. What an admin added
/// needs no path to an anchor, but all the rest.
[[nodiscard]] Judgement judge(const StoredPeer& peer, const Trust& trust, Time at);

/// The certificates between leaf and root of a validated path, in order: what goes into a signature
/// (STANDARDS §2.2), and what is kept with a peer key to find its path again.
[[nodiscard]] std::vector<Certificate> between(const std::vector<Certificate>& path);

/// Best first: rank, then the latest added or approved, then the newest.
void put_best_first(std::vector<StoredPeer>& peers);

}  // namespace siegel::pki
