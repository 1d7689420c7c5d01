#include "pki/store_key_rows.h"

#include "pki/secret.h"
#include "pki/store_snapshot.h"
#include "pki/token_secret.h"

namespace siegel::pki::sql {

bool is_key_kept(Session& session, const std::string& key_id) {
  return !select(session, "SELECT key_id FROM private_key WHERE tenant = 'default' AND key_id = ?",
                 key_id)
              .empty();
}

void insert_key(Session& session, const Seal& seal, const PrivateKey& key, Time now) {
  const std::string key_id = key.key_id();
  const Secret secret(secret_of(key));
  const std::string sealed = seal.seal(secret.octets(), seal_identity(key_id));
  run(session,
      "INSERT INTO private_key (tenant, key_id, sealed, added) VALUES ('default', ?, ?, ?)", key_id,
      sealed, to_unix(now));
}

}  // namespace siegel::pki::sql
