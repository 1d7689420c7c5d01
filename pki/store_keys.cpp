#include <openssl/crypto.h>

#include "pki/store.h"
#include "pki/store_key_rows.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"
#include "pki/token.h"
#include "pki/token_secret.h"

namespace siegel::pki {

using sql::Session;

void KeyStore::keep_key(Database::Session& session, const PrivateKey& key,
                        const Event& event) const {
  if (sql::is_key_kept(session, key.key_id())) return;
  const Time now = clock_.now();
  sql::insert_key(session, seal_, key, now);
  sql::record(session, now, event);
}

PrivateKey KeyStore::make_key_in_token(KeyType type, const std::string& label) const {
  return Token::of(settings()->token).generate(type, label);
}

std::optional<PrivateKey> KeyStore::own_key(const std::string& key_id) const {
  std::string sealed;
  database_.read([&](Session& session) { sealed = sql::sealed_key(session, key_id); });
  if (sealed.empty()) return std::nullopt;
  std::string octets = seal_.open(sealed, seal_identity(key_id));
  auto key = open_secret(octets, settings()->token);
  OPENSSL_cleanse(octets.data(), octets.size());
  if (!key)
    throw Error(Fault::ours, "the set-up is broken",
                "the stored private key " + key_id + " cannot be read; restore the backup");
  return key;
}

bool KeyStore::has_certificate(Database::Session& session, const std::string& key_id) {
  return !sql::select(session,
                      "SELECT key_id FROM certificate WHERE tenant = 'default' AND key_id = ?",
                      key_id)
              .empty();
}

bool KeyStore::serves(Database::Session& session, const std::string& key_id) {
  return !sql::select(session,
                      "SELECT key_id FROM certificate WHERE tenant = 'default' AND key_id = ? AND "
                      "retired = 0",
                      key_id)
              .empty();
}

bool KeyStore::retire(const std::string& fingerprint, const Event& event) {
  bool is_retired = false;
  database_.write(
      [&](Session& session) { is_retired = retire(session, fingerprint, event, clock_.now()); });
  return is_retired;
}

bool KeyStore::retire(Database::Session& session, const std::string& fingerprint,
                      const Event& event, Time at) {
  const bool serves = !sql::select(session,
                                   "SELECT fingerprint FROM certificate WHERE tenant = 'default' "
                                   "AND fingerprint = ? AND retired = 0",
                                   fingerprint)
                           .empty();
  if (!serves) return false;
  sql::run(session,
           "UPDATE certificate SET retired = ? WHERE tenant = 'default' AND fingerprint = ?",
           to_unix(at), fingerprint);
  sql::changed(session, sql::mailbox_topic);
  sql::record(session, at, event);
  return true;
}

}  // namespace siegel::pki
