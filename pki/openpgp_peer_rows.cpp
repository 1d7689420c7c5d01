#include "pki/openpgp_peer_rows.h"

#include "base/utf8.h"
#include "pki/openpgp_key_rows.h"
#include "pki/store_base64.h"
#include "pki/store_names.h"

namespace siegel::pki::sql {
namespace {

constexpr std::size_t longest_note = 400;

OpenPgpPeerRow peer_in(const Rows& rows, std::size_t row) {
  OpenPgpPeerRecord record{rows.number("id", row),
                           stored_address(rows.text("address", row)),
                           rows.text("fingerprint", row),
                           parse_provenance(rows.text("provenance", row)),
                           rows.flag("pending", row),
                           rows.flag("revoked", row),
                           rows.flag("prefers_encryption", row),
                           rows.text("why", row),
                           rows.text("message_id", row),
                           rows.moment("first_seen", row),
                           rows.moment("last_seen", row),
                           rows.moment("said_at", row),
                           rows.moment("usable_since", row),
                           expiry_in(rows.number("expires", row))};
  return {std::move(record), from_base64(rows.text("octets", row))};
}

std::vector<OpenPgpPeerRow> peers_in(const Rows& rows) {
  std::vector<OpenPgpPeerRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto peer =
        readable("table openpgp_peer, id " + rows.text("id", i), [&] { return peer_in(rows, i); });
    if (peer) found.push_back(*std::move(peer));
  }
  return found;
}

std::int64_t as_number(bool flag) {
  return flag ? 1 : 0;
}

bool is_revoked(const OpenPgpKey& key) {
  return key.subkeys.front().is_revoked;
}

}  // namespace

std::vector<OpenPgpPeerRow> openpgp_peers(Session& session) {
  return peers_in(select(
      session, "SELECT * FROM openpgp_peer WHERE tenant = 'default' ORDER BY domain, address, id"));
}

std::vector<OpenPgpPeerRow> openpgp_peers_of(Session& session, const std::string& folded) {
  return peers_in(select(
      session, "SELECT * FROM openpgp_peer WHERE tenant = 'default' AND folded = ? ORDER BY id",
      folded));
}

std::optional<OpenPgpPeerRow> openpgp_peer_of_id(Session& session, std::int64_t id) {
  auto found = peers_in(
      select(session, "SELECT * FROM openpgp_peer WHERE tenant = 'default' AND id = ?", id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

void insert_openpgp_peer(Session& session, const StoredOpenPgpPeer& peer) {
  const OpenPgpPeerRecord& record = peer.record;
  // Whoever inserts has found none that can be read: a damaged row makes way.
  run(session,
      "DELETE FROM openpgp_peer WHERE tenant = 'default' AND address = ? AND fingerprint = ?",
      record.address.str(), peer.key.fingerprint());
  run(session,
      "INSERT INTO openpgp_peer (id, tenant, address, folded, domain, fingerprint, octets, "
      "provenance, pending, revoked, prefers_encryption, why, message_id, first_seen, last_seen, "
      "said_at, usable_since, expires, expiry_noted) "
      "VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
      record.id, record.address.str(), folded(record.address), record.address.domain(),
      peer.key.fingerprint(), to_base64(peer.key.octets), std::string(name(record.provenance)),
      as_number(record.pending), as_number(is_revoked(peer.key)),
      as_number(record.prefers_encryption), printable(record.why, longest_note),
      printable(record.message_id, longest_note), to_unix(record.first_seen),
      to_unix(record.last_seen), to_unix(record.said_at), to_unix(record.usable_since),
      stored_expiry(peer.key.expires()));
}

void remove_openpgp_peer(Session& session, std::int64_t id) {
  run(session, "DELETE FROM openpgp_peer WHERE tenant = 'default' AND id = ?", id);
}

void note_openpgp_seen(Session& session, std::int64_t id, Time at, Time said_at) {
  run(session,
      "UPDATE openpgp_peer SET last_seen = ?, said_at = ? WHERE tenant = 'default' AND id = ?",
      to_unix(at), to_unix(said_at), id);
}

void take_openpgp_key(Session& session, std::int64_t id, const OpenPgpKey& key) {
  run(session,
      "UPDATE openpgp_peer SET octets = ?, revoked = ?, expires = ?, expiry_noted = 0 "
      "WHERE tenant = 'default' AND id = ?",
      to_base64(key.octets), as_number(is_revoked(key)), stored_expiry(key.expires()), id);
}

void take_openpgp_word(Session& session, std::int64_t id, const HarvestedOpenPgp& harvested) {
  run(session, "UPDATE openpgp_peer SET prefers_encryption = ? WHERE tenant = 'default' AND id = ?",
      as_number(harvested.prefers_encryption), id);
}

void promote_openpgp_peer(Session& session, std::int64_t id, Provenance provenance, Time at) {
  run(session,
      "UPDATE openpgp_peer SET pending = 0, provenance = ?, usable_since = ? "
      "WHERE tenant = 'default' AND id = ?",
      std::string(name(provenance)), to_unix(at), id);
}

std::int64_t new_openpgp_peers_since(Session& session, const std::string& domain, Time since) {
  return select(session,
                "SELECT COUNT(*) AS seen FROM openpgp_peer WHERE tenant = 'default' AND "
                "domain = ? AND first_seen > ? AND provenance <> 'admin'",
                domain, to_unix(since))
      .number("seen");
}

}  // namespace siegel::pki::sql
