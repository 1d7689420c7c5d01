#include "pki/audit_seal.h"

#include "pki/store_sql.h"

namespace siegel::pki {
namespace {

using sql::Session;

/// The row of table audit_seal.
struct SealedEnd {
  std::int64_t since = 0;    ///< how many entries there were when it was sealed first
  std::int64_t entries = 0;  ///< how many there were when it was sealed last
  std::string code;
};

std::optional<SealedEnd> sealed_end(Session& session) {
  const auto rows =
      sql::select(session, "SELECT since, entries, code FROM audit_seal WHERE tenant = 'default'");
  if (rows.empty()) return std::nullopt;
  return SealedEnd{rows.number("since"), rows.number("entries"), rows.text("code")};
}

std::int64_t last_entry(Session& session) {
  const auto rows = sql::select(session, "SELECT last FROM counter WHERE name = 'trust_event'");
  return rows.empty() ? -1 : rows.number("last");
}

std::string digest_of(Session& session, std::int64_t entry) {
  const auto rows = sql::select(session, "SELECT digest FROM trust_event WHERE id = ?", entry);
  return rows.empty() ? std::string() : rows.text("digest");
}

std::string code_of(const Seal& seal, const SealedEnd& end, const std::string& digest) {
  return seal.authenticate(
      std::to_string(end.since) + ',' + std::to_string(end.entries) + ',' + digest,
      "siegel audit v1");
}

bool is_genuine(const Seal& seal, const SealedEnd& end, const std::string& digest) {
  return end.code == code_of(seal, end, digest);
}

void seal_first(Session& session, const Seal& seal) {
  if (sealed_end(session)) return;
  const std::int64_t last = last_entry(session);
  const SealedEnd end{last, last, {}};
  sql::run(session,
           "INSERT INTO audit_seal (tenant, since, entries, code) VALUES ('default', ?, ?, ?)",
           end.since, end.entries, code_of(seal, end, digest_of(session, last)));
}

void seal_anew(Session& session, const Seal& seal, SealedEnd end) {
  const std::int64_t last = last_entry(session);
  if (last <= end.entries || !is_genuine(seal, end, digest_of(session, end.entries))) return;
  end.entries = last;
  sql::run(session, "UPDATE audit_seal SET entries = ?, code = ? WHERE tenant = 'default'",
           end.entries, code_of(seal, end, digest_of(session, last)));
}

}  // namespace

void seal_audit(Database& database, const Seal& seal) {
  bool is_sealed = false;
  database.read([&](Session& session) { is_sealed = sealed_end(session).has_value(); });
  if (!is_sealed) database.write([&](Session& session) { seal_first(session, seal); });
  database.frame_writes([seal](Session& session, const Database::Work& work) {
    const auto before = sealed_end(session);
    const bool is_whole = before && before->entries == last_entry(session);
    work(session);
    if (is_whole) seal_anew(session, seal, *before);
  });
}

void check_seal(Session& session, const Seal& seal, AuditCheck& check) {
  const auto end = sealed_end(session);
  const std::string remedy =
      "; somebody has written into the database, or it belongs to another key-encryption key: "
      "compare with a backup";
  if (!end) {
    check.trouble = "the seal of the last entry is gone" + remedy;
  } else if (end->entries != check.entries || !is_genuine(seal, *end, check.head)) {
    check.trouble = "the last entry, " + std::to_string(check.entries) +
                    ", is not the one that was sealed as the last" + remedy;
  } else {
    check.sealed_since = end->since;
  }
}

}  // namespace siegel::pki
