#pragma once

#include "pki/private_key.h"
#include "pki/seal.h"
#include "pki/store_sql.h"

/// The rows of table `private_key`, as far as they are written.
namespace siegel::pki::sql {

[[nodiscard]] bool is_key_kept(Session& session, const std::string& key_id);
/// Seals `key` into its row. REQUIRES: it is not kept yet.
void insert_key(Session& session, const Seal& seal, const PrivateKey& key, Time now);
/// As it stands sealed; empty if it is not kept.
[[nodiscard]] std::string sealed_key(Session& session, const std::string& key_id);

/// Table `doomed_key`: what was destroyed and is still in the token, as it stood in `private_key`.
void insert_doomed(Session& session, const std::string& key_id, const std::string& sealed,
                   Time now);

}  // namespace siegel::pki::sql
