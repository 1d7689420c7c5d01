#include <algorithm>

#include <openssl/crypto.h>

#include "pki/key_kind.h"
#include "pki/store.h"
#include "pki/store_key_rows.h"
#include "pki/store_snapshot.h"
#include "pki/token.h"
#include "pki/token_secret.h"
#include "pki/token_uri.h"

namespace siegel::pki {
namespace {

using sql::Session;
using Place = StoredKey::Place;
using Standing = StoredKey::Standing;

struct SealedRow {
  std::string key_id, sealed;
  Time added{};
};

std::vector<SealedRow> sealed_rows(const Database& database, std::string_view select) {
  std::vector<SealedRow> found;
  database.read([&](Session& session) {
    const auto rows = sql::select(session, select);
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.push_back({rows.text("key_id", i), rows.text("sealed", i), rows.moment("added", i)});
  });
  return found;
}

std::vector<SealedRow> doomed_rows(const Database& database) {
  return sealed_rows(database,
                     "SELECT key_id, sealed, doomed AS added FROM doomed_key WHERE tenant = "
                     "'default' ORDER BY key_id");
}

/// The URI in a sealed row; empty if the row holds the key itself.
std::string uri_in(const Seal& seal, const SealedRow& row) {
  std::string secret = seal.open(row.sealed, seal_identity(row.key_id));
  if (is_in_token(secret)) return secret;
  OPENSSL_cleanse(secret.data(), secret.size());
  return {};
}

StoredKey known(const Seal& seal, const SealedRow& row, Standing standing) {
  StoredKey key{.id = row.key_id, .standing = standing, .added = row.added};
  std::string secret = seal.open(row.sealed, seal_identity(row.key_id));
  if (is_in_token(secret)) {
    key.place = Place::token;
    key.uri = std::move(secret);
    return key;
  }
  if (const auto opened = PrivateKey::from_der(secret)) key.type = kind_of(opened->get());
  OPENSSL_cleanse(secret.data(), secret.size());
  return key;
}

/// What the token holds is told of the keys that we know; the others are orphans. They are compared
/// by id alone: a token that was given another label must not make orphans of all.
void add_token(std::vector<StoredKey>& keys, const std::vector<Token::Held>& held) {
  const std::size_t ours = keys.size();
  for (const Token::Held& each : held) {
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(ours);
    const auto found = std::find_if(keys.begin(), end, [&](const StoredKey& key) {
      return key.place == Place::token && id_in(key.uri) == id_in(each.uri);
    });
    if (found != end) {
      found->type = each.type;
      found->label = each.label;
    } else {
      keys.push_back({.id = each.id,
                      .place = Place::token,
                      .standing = Standing::orphan,
                      .type = each.type,
                      .uri = each.uri,
                      .label = each.label});
    }
  }
}

}  // namespace

void KeyStore::destroy_key(Session& session, const std::string& key_id, const Event& event) const {
  const std::string sealed = sql::sealed_key(session, key_id);
  if (sealed.empty()) return;
  const Time now = clock_.now();
  if (!uri_in(seal_, {key_id, sealed}).empty()) sql::insert_doomed(session, key_id, sealed, now);
  sql::run(session, "DELETE FROM private_key WHERE tenant = 'default' AND key_id = ?", key_id);
  sql::changed(session, sql::mailbox_topic);
  sql::record(session, now, event);
}

void KeyStore::destroy_key(const std::string& key_id, const Event& event) {
  database_.write([&](Session& session) { destroy_key(session, key_id, event); });
}

void KeyStore::clear_token() {
  for (const SealedRow& row : doomed_rows(database_)) {
    // It may be gone already: then the last run was interrupted here.
    static_cast<void>(Token::of(settings()->token).destroy(uri_in(seal_, row)));
    database_.write([&](Session& session) {
      sql::run(session, "DELETE FROM doomed_key WHERE tenant = 'default' AND key_id = ?",
               row.key_id);
    });
  }
}

KeyInventory KeyStore::key_inventory() const {
  KeyInventory inventory;
  auto& keys = inventory.keys;
  for (const SealedRow& row : sealed_rows(database_,
                                          "SELECT key_id, sealed, added FROM private_key WHERE "
                                          "tenant = 'default' ORDER BY key_id"))
    keys.push_back(known(seal_, row, Standing::kept));
  for (const SealedRow& row : doomed_rows(database_))
    keys.push_back(known(seal_, row, Standing::doomed));
  const auto token = settings()->token;
  const bool needs_token = std::ranges::find(keys, Place::token, &StoredKey::place) != keys.end();
  if (!token && !needs_token) return inventory;
  try {
    add_token(keys, Token::of(token).list());
  } catch (const Error& error) {
    inventory.token_trouble = error.what();
  }
  return inventory;
}

void KeyStore::destroy_orphan(const StoredKey& orphan, const Event& event) {
  database_.write([&](Session& session) {
    const Time now = clock_.now();
    sql::insert_doomed(session, orphan.id, seal_.seal(orphan.uri, seal_identity(orphan.id)), now);
    sql::record(session, now, event);
  });
  clear_token();
}

}  // namespace siegel::pki
