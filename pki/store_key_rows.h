#pragma once

#include "pki/private_key.h"
#include "pki/seal.h"
#include "pki/store_sql.h"

/// The rows of table `private_key`, as far as they are written.
namespace siegel::pki::sql {

[[nodiscard]] bool is_key_kept(Session& session, const std::string& key_id);
/// Seals `key` into its row. REQUIRES: it is not kept yet.
void insert_key(Session& session, const Seal& seal, const PrivateKey& key, Time now);

}  // namespace siegel::pki::sql
