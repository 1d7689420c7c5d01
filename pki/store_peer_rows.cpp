#include "pki/store_peer_rows.h"

#include "base/utf8.h"
#include "pki/store_names.h"

namespace siegel::pki::sql {
namespace {

constexpr std::size_t longest_note = 400;

StoredPeer peer_in(const Rows& rows, std::size_t row) {
  PeerKey key{stored_address(rows.text("address", row)),
              stored_certificate(rows.text("pem", row)),
              {rows.flag("aes_gcm", row), rows.flag("rsa_oaep", row)},
              parse_provenance(rows.text("provenance", row)),
              rows.moment("last_seen", row)};
  PeerRecord record{rows.number("id", row),        std::move(key),
                    rows.flag("pending", row),     rows.text("why", row),
                    rows.text("message_id", row),  rows.moment("first_seen", row),
                    rows.moment("last_seen", row), rows.moment("signing_time", row)};
  return {std::move(record), certificates_from_pem(rows.text("chain", row)),
          rows.moment("usable_since", row)};
}

std::vector<StoredPeer> peers_in(const Rows& rows) {
  std::vector<StoredPeer> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto peer = readable("table peer, id " + rows.text("id", i), [&] { return peer_in(rows, i); });
    if (peer) found.push_back(*std::move(peer));
  }
  return found;
}

std::int64_t as_number(bool flag) {
  return flag ? 1 : 0;
}

}  // namespace

std::vector<StoredPeer> all_peers(Session& session) {
  return peers_in(
      select(session, "SELECT * FROM peer WHERE tenant = 'default' ORDER BY domain, address, id"));
}

std::vector<StoredPeer> peers_of(Session& session, const Address& address,
                                 const config::SmimeSettings& settings) {
  auto found = peers_in(
      select(session, "SELECT * FROM peer WHERE tenant = 'default' AND folded = ? ORDER BY id",
             folded(address)));
  if (!settings.fold_local_part) {
    std::erase_if(found,
                  [&](const StoredPeer& peer) { return peer.record.key.address != address; });
  }
  return found;
}

std::optional<StoredPeer> peer_of_id(Session& session, std::int64_t id) {
  auto found =
      peers_in(select(session, "SELECT * FROM peer WHERE tenant = 'default' AND id = ?", id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

void insert_peer(Session& session, const StoredPeer& peer) {
  const PeerRecord& record = peer.record;
  const PeerKey& key = record.key;
  std::string chain;
  for (const Certificate& helper : peer.chain) chain += storable(helper);
  // Whoever inserts has found none that can be read: a damaged row makes way.
  run(session, "DELETE FROM peer WHERE tenant = 'default' AND address = ? AND fingerprint = ?",
      key.address.str(), key.certificate.fingerprint());
  run(session,
      "INSERT INTO peer (id, tenant, address, folded, domain, fingerprint, pem, chain, "
      "provenance, pending, aes_gcm, rsa_oaep, why, message_id, first_seen, last_seen, "
      "signing_time, usable_since, not_after, expiry_noted) "
      "VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
      record.id, key.address.str(), folded(key.address), key.address.domain(),
      key.certificate.fingerprint(), storable(key.certificate), chain,
      std::string(name(key.provenance)), as_number(record.pending),
      as_number(key.capabilities.aes_gcm), as_number(key.capabilities.rsa_oaep),
      printable(record.why, longest_note), printable(record.message_id, longest_note),
      to_unix(record.first_seen), to_unix(record.last_seen), to_unix(record.signing_time),
      to_unix(peer.usable_since), to_unix(key.certificate.not_after()));
}

void remove_peer(Session& session, std::int64_t id) {
  run(session, "DELETE FROM peer WHERE tenant = 'default' AND id = ?", id);
}

void note_seen(Session& session, std::int64_t id, Time at) {
  run(session, "UPDATE peer SET last_seen = ? WHERE tenant = 'default' AND id = ?", to_unix(at),
      id);
}

void take_capabilities(Session& session, std::int64_t id, const Capabilities& capabilities,
                       Time signing_time) {
  run(session,
      "UPDATE peer SET aes_gcm = ?, rsa_oaep = ?, signing_time = ? "
      "WHERE tenant = 'default' AND id = ?",
      as_number(capabilities.aes_gcm), as_number(capabilities.rsa_oaep), to_unix(signing_time), id);
}

void promote_peer(Session& session, std::int64_t id, Provenance provenance, Time at) {
  run(session,
      "UPDATE peer SET pending = 0, provenance = ?, usable_since = ? "
      "WHERE tenant = 'default' AND id = ?",
      std::string(name(provenance)), to_unix(at), id);
}

void raise_rank(Session& session, std::int64_t id, Provenance provenance) {
  run(session, "UPDATE peer SET provenance = ? WHERE tenant = 'default' AND id = ?",
      std::string(name(provenance)), id);
}

std::int64_t new_peers_since(Session& session, const std::string& domain, Time since) {
  return select(session,
                "SELECT COUNT(*) AS seen FROM peer WHERE tenant = 'default' AND domain = ? AND "
                "first_seen > ? AND provenance NOT IN ('admin', 'directory')",
                domain, to_unix(since))
      .number("seen");
}

std::vector<Address> take_expired(Session& session, Time at) {
  const std::int64_t now = to_unix(at);
  // A key of the other scheme will do as well: then nothing is lost yet.
  constexpr std::string_view nothing_left =
      "NOT EXISTS (SELECT 1 FROM peer p WHERE p.tenant = gone.tenant AND "
      "p.folded = gone.folded AND p.pending = 0 AND p.not_after >= ?) AND "
      "NOT EXISTS (SELECT 1 FROM openpgp_peer o WHERE o.tenant = gone.tenant AND "
      "o.folded = gone.folded AND o.pending = 0 AND o.revoked = 0 AND "
      "(o.expires = 0 OR o.expires >= ?))";
  const auto rows =
      select(session,
             "SELECT address FROM peer gone WHERE tenant = 'default' AND pending = 0 AND "
             "not_after < ? AND expiry_noted = 0 AND " +
                 std::string(nothing_left) +
                 " UNION SELECT address FROM openpgp_peer gone WHERE tenant = 'default' AND "
                 "pending = 0 AND expires <> 0 AND expires < ? AND expiry_noted = 0 AND " +
                 std::string(nothing_left) + " ORDER BY address",
             now, now, now, now, now, now);
  std::vector<Address> expired;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string address = rows.text("address", i);
    expired.push_back(stored_address(address));
    run(session,
        "UPDATE peer SET expiry_noted = 1 WHERE tenant = 'default' AND address = ? AND "
        "not_after < ?",
        address, now);
    run(session,
        "UPDATE openpgp_peer SET expiry_noted = 1 WHERE tenant = 'default' AND address = ? AND "
        "expires <> 0 AND expires < ?",
        address, now);
  }
  return expired;
}

}  // namespace siegel::pki::sql
