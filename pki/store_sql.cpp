#include "pki/store_sql.h"

#include <set>

#include "base/guarded.h"
#include "pki/audit.h"

namespace siegel::pki::sql {
namespace {

Error damaged(const std::string& what) {
  return {Fault::ours, "the set-up is broken",
          "the database holds " + what + " that cannot be read; restore it from the backup"};
}

constexpr std::size_t most_damaged = 100;

/// Reading goes on in many places and threads, and none of them has a log.
Guarded<std::set<std::string>>& damaged_rows() {
  static Guarded<std::set<std::string>> rows;
  return rows;
}

}  // namespace

std::int64_t next_number(Session& session, const std::string& counter) {
  run(session, "UPDATE counter SET last = last + 1 WHERE name = ?", counter);
  return select(session, "SELECT last FROM counter WHERE name = ?", counter).number("last");
}

void changed(Session& session, const std::string& topic) {
  run(session,
      "UPDATE change SET generation = generation + 1 WHERE tenant = 'default' AND topic = ?",
      topic);
}

void record(Session& session, Time at, const Event& event) {
  TrustEvent entry{next_number(session, "trust_event"),
                   from_unix(to_unix(at)),
                   event.actor,
                   event.action,
                   event.subject,
                   event.detail,
                   {}};
  const auto before = select(session, "SELECT digest FROM trust_event WHERE id = ?", entry.id - 1);
  entry.digest = chained(entry, before.empty() ? std::string() : before.text("digest"));
  run(session,
      "INSERT INTO trust_event (id, tenant, at, actor, action, subject, detail, digest) "
      "VALUES (?, 'default', ?, ?, ?, ?, ?, ?)",
      entry.id, to_unix(entry.at), entry.actor, entry.action, entry.subject, entry.detail,
      entry.digest);
}

std::string storable(const Certificate& certificate) {
  if (Certificate::from_der(certificate.der())) return certificate.pem();
  throw Error(Fault::peer,
              "this certificate cannot be kept: it is larger than 64 KiB or not well-formed; ask "
              "its authority for another one");
}

bool put_intermediate(Session& session, const Certificate& certificate, Time now) {
  const auto known = select(
      session, "SELECT fingerprint FROM intermediate WHERE tenant = 'default' AND fingerprint = ?",
      certificate.fingerprint());
  if (!known.empty()) return false;
  run(session,
      "INSERT INTO intermediate (tenant, fingerprint, pem, added) VALUES ('default', ?, ?, ?)",
      certificate.fingerprint(), storable(certificate), to_unix(now));
  return true;
}

Certificate stored_certificate(const std::string& pem) {
  auto found = certificates_from_pem(pem, 1);
  if (found.empty()) throw damaged("a certificate");
  return std::move(found.front());
}

Address stored_address(const std::string& text) {
  auto address = Address::parse(text);
  if (!address) throw damaged("an address");
  return *std::move(address);
}

void note_damaged(const std::string& row, const Error& problem) {
  damaged_rows().with([&](auto& rows) {
    if (rows.size() < most_damaged) rows.insert(row + ": " + problem.detail());
  });
}

std::vector<std::string> take_damaged() {
  std::set<std::string> taken;
  damaged_rows().with([&](auto& rows) { taken.swap(rows); });
  return {taken.begin(), taken.end()};
}

}  // namespace siegel::pki::sql
