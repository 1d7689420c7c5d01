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

std::string sealed_key(Session& session, const std::string& key_id) {
  const auto rows = select(
      session, "SELECT sealed FROM private_key WHERE tenant = 'default' AND key_id = ?", key_id);
  return rows.empty() ? std::string() : rows.text("sealed");
}

void insert_doomed(Session& session, const std::string& key_id, const std::string& sealed,
                   Time now) {
  run(session, "DELETE FROM doomed_key WHERE tenant = 'default' AND key_id = ?", key_id);
  run(session,
      "INSERT INTO doomed_key (tenant, key_id, sealed, doomed) VALUES ('default', ?, ?, ?)", key_id,
      sealed, to_unix(now));
}

}  // namespace siegel::pki::sql
