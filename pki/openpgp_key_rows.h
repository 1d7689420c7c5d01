#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/openpgp_store.h"
#include "pki/store_sql.h"

/// The rows of tables `openpgp_key` and `openpgp_subkey`.
namespace siegel::pki::sql {

struct OwnOpenPgpRow {
  OwnOpenPgpKey record;
  std::string octets;  ///< as stored: not read yet
};

[[nodiscard]] std::vector<OwnOpenPgpRow> openpgp_keys(Session& session);
/// By the folded address.
[[nodiscard]] std::vector<OwnOpenPgpRow> openpgp_keys_of(Session& session,
                                                         const std::string& folded);
[[nodiscard]] std::vector<OwnOpenPgpRow> openpgp_keys_named(Session& session,
                                                            const std::string& fingerprint);

/// Of all, each once, the newest first.
[[nodiscard]] std::vector<std::string> openpgp_fingerprints(Session& session);

struct SealedOpenPgp {
  std::string fingerprint, sealed;
};
/// Of the key that has a primary key or subkey of this fingerprint or key id.
[[nodiscard]] std::optional<SealedOpenPgp> sealed_openpgp(Session& session, const std::string& id);

/// Instead of the row that is there, if one is.
void put_openpgp_key(Session& session, const StoredOwnOpenPgp& own, const std::string& sealed);
/// The public key as it is now, in the row of `mailbox`.
void put_openpgp_octets(Session& session, const Address& mailbox, const OpenPgpKey& key);
void put_openpgp_state(Session& session, const std::string& fingerprint, OpenPgpState state);
void remove_openpgp_key(Session& session, const std::string& fingerprint);

/// How far the tables of this topic are.
[[nodiscard]] std::int64_t openpgp_generation(Session& session, const std::string& topic);
/// 0 for never, as both tables have it.
[[nodiscard]] std::int64_t stored_expiry(const std::optional<Time>& expires);
[[nodiscard]] std::optional<Time> expiry_in(std::int64_t stored);

}  // namespace siegel::pki::sql
