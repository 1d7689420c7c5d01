#include "pki/openpgp_key_rows.h"

#include <array>

#include "pki/store_base64.h"
#include "pki/store_names.h"

namespace siegel::pki {
namespace {

constexpr std::array states{OpenPgpState::in_use, OpenPgpState::retired, OpenPgpState::revoked};
constexpr std::size_t key_id_digits = 16;

OpenPgpState parse_state(const std::string& word) {
  for (const OpenPgpState each : states) {
    if (name(each) == word) return each;
  }
  throw Error(Fault::ours, "the set-up is broken",
              "the database holds the word \"" + word +
                  "\", which this version does not know; was a newer one in use?");
}

}  // namespace

std::string_view name(OpenPgpState state) noexcept {
  switch (state) {
    case OpenPgpState::in_use:
      return "in-use";
    case OpenPgpState::retired:
      return "retired";
    case OpenPgpState::revoked:
      return "revoked";
  }
  return "revoked";
}

namespace sql {
namespace {

OwnOpenPgpRow own_in(const Rows& rows, std::size_t row) {
  return {{stored_address(rows.text("mailbox", row)), rows.text("fingerprint", row),
           rows.text("algorithm", row), parse_state(rows.text("state", row)),
           rows.moment("created", row), expiry_in(rows.number("expires", row)),
           rows.moment("added", row)},
          from_base64(rows.text("octets", row))};
}

std::vector<OwnOpenPgpRow> own_in(const Rows& rows) {
  std::vector<OwnOpenPgpRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto own = readable("table openpgp_key, fingerprint " + rows.text("fingerprint", i),
                        [&] { return own_in(rows, i); });
    if (own) found.push_back(*std::move(own));
  }
  return found;
}

}  // namespace

std::vector<OwnOpenPgpRow> openpgp_keys(Session& session) {
  return own_in(select(session,
                       "SELECT * FROM openpgp_key WHERE tenant = 'default' "
                       "ORDER BY mailbox, created DESC, fingerprint"));
}

std::vector<OwnOpenPgpRow> openpgp_keys_of(Session& session, const std::string& folded) {
  return own_in(select(session,
                       "SELECT * FROM openpgp_key WHERE tenant = 'default' AND folded = ? "
                       "ORDER BY created DESC, added DESC, fingerprint",
                       folded));
}

std::vector<OwnOpenPgpRow> openpgp_keys_named(Session& session, const std::string& fingerprint) {
  return own_in(select(session,
                       "SELECT * FROM openpgp_key WHERE tenant = 'default' AND fingerprint = ? "
                       "ORDER BY mailbox",
                       fingerprint));
}

std::vector<std::string> openpgp_fingerprints(Session& session) {
  const auto rows = select(session,
                           "SELECT fingerprint, MAX(created) AS made FROM openpgp_key "
                           "WHERE tenant = 'default' GROUP BY fingerprint ORDER BY made DESC");
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows.text("fingerprint", i));
  return found;
}

std::optional<SealedOpenPgp> sealed_openpgp(Session& session, const std::string& id) {
  if (id.size() < key_id_digits) return std::nullopt;
  const auto rows =
      select(session,
             "SELECT s.subkey AS subkey, k.fingerprint AS fingerprint, k.sealed AS sealed "
             "FROM openpgp_subkey s JOIN openpgp_key k ON k.tenant = s.tenant AND "
             "k.fingerprint = s.fingerprint WHERE s.tenant = 'default' AND s.key_id = ?",
             id.substr(id.size() - key_id_digits));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.text("subkey", i).ends_with(id))
      return SealedOpenPgp{rows.text("fingerprint", i), rows.text("sealed", i)};
  }
  return std::nullopt;
}

void put_openpgp_key(Session& session, const StoredOwnOpenPgp& own, const std::string& sealed) {
  const OwnOpenPgpKey& record = own.record;
  run(session,
      "DELETE FROM openpgp_key WHERE tenant = 'default' AND mailbox = ? AND fingerprint = ?",
      record.mailbox.str(), record.fingerprint);
  run(session,
      "INSERT INTO openpgp_key (tenant, mailbox, folded, fingerprint, algorithm, octets, sealed, "
      "state, created, expires, added) VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      record.mailbox.str(), folded(record.mailbox), record.fingerprint, record.algorithm,
      to_base64(own.key.octets), sealed, std::string(name(record.state)), to_unix(record.created),
      stored_expiry(record.expires), to_unix(record.added));
  run(session, "DELETE FROM openpgp_subkey WHERE tenant = 'default' AND fingerprint = ?",
      record.fingerprint);
  for (const OpenPgpSubkey& subkey : own.key.subkeys) {
    run(session,
        "INSERT INTO openpgp_subkey (tenant, fingerprint, subkey, key_id) "
        "VALUES ('default', ?, ?, ?)",
        record.fingerprint, subkey.fingerprint, subkey.key_id());
  }
}

void put_openpgp_octets(Session& session, const Address& mailbox, const OpenPgpKey& key) {
  run(session,
      "UPDATE openpgp_key SET octets = ?, expires = ? WHERE tenant = 'default' AND "
      "mailbox = ? AND fingerprint = ?",
      to_base64(key.octets), stored_expiry(key.expires()), mailbox.str(), key.fingerprint());
}

void put_openpgp_state(Session& session, const std::string& fingerprint, OpenPgpState state) {
  run(session, "UPDATE openpgp_key SET state = ? WHERE tenant = 'default' AND fingerprint = ?",
      std::string(name(state)), fingerprint);
}

void remove_openpgp_key(Session& session, const std::string& fingerprint) {
  run(session, "DELETE FROM openpgp_key WHERE tenant = 'default' AND fingerprint = ?", fingerprint);
  run(session, "DELETE FROM openpgp_subkey WHERE tenant = 'default' AND fingerprint = ?",
      fingerprint);
}

std::int64_t openpgp_generation(Session& session, const std::string& topic) {
  return select(session, "SELECT generation FROM change WHERE tenant = 'default' AND topic = ?",
                topic)
      .number("generation");
}

std::int64_t stored_expiry(const std::optional<Time>& expires) {
  return expires ? to_unix(*expires) : 0;
}

std::optional<Time> expiry_in(std::int64_t stored) {
  if (stored == 0) return std::nullopt;
  return from_unix(stored);
}

}  // namespace sql
}  // namespace siegel::pki
