#include "pki/store_sql.h"

#include "base/error.h"
#include "pki/audit.h"

namespace siegel::pki::sql {
namespace {

Error damaged(const std::string& what) {
  return {Fault::ours, "the set-up is broken",
          "the database holds " + what + " that cannot be read; restore it from the backup"};
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

bool put_intermediate(Session& session, const Certificate& certificate, Time now) {
  const auto known = select(
      session, "SELECT fingerprint FROM intermediate WHERE tenant = 'default' AND fingerprint = ?",
      certificate.fingerprint());
  if (!known.empty()) return false;
  run(session,
      "INSERT INTO intermediate (tenant, fingerprint, pem, added) VALUES ('default', ?, ?, ?)",
      certificate.fingerprint(), certificate.pem(), to_unix(now));
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

}  // namespace siegel::pki::sql
