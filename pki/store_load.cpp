#include "base/clock.h"
#include "base/release.h"
#include "pki/store_base64.h"
#include "pki/store_names.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"
#include "pki/store_status_rows.h"

namespace siegel::pki {
namespace {

using sql::Session;

std::vector<Anchor> read_anchors(Session& session) {
  const auto rows = sql::select(session,
                                "SELECT pem, revocation, label FROM anchor "
                                "WHERE tenant = 'default' ORDER BY label, fingerprint");
  std::vector<Anchor> anchors;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    anchors.push_back({sql::stored_certificate(rows.text("pem", i)),
                       parse_revocation(rows.text("revocation", i)), rows.text("label", i)});
  }
  return anchors;
}

std::vector<Certificate> read_intermediates(Session& session) {
  const auto rows = sql::select(
      session,
      "SELECT fingerprint, pem FROM intermediate WHERE tenant = 'default' ORDER BY fingerprint");
  std::vector<Certificate> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto helper = sql::readable("table intermediate, fingerprint " + rows.text("fingerprint", i),
                                [&] { return sql::stored_certificate(rows.text("pem", i)); });
    if (helper) found.push_back(*std::move(helper));
  }
  return found;
}

Crl read_list(Session& session, const std::string& scope) {
  const auto rows =
      sql::select(session, "SELECT der FROM crl WHERE tenant = 'default' AND scope = ?", scope);
  std::optional<Crl> crl;
  if (!rows.empty()) crl = Crl::parse(from_base64(rows.text("der")));
  if (!crl) {
    throw Error(Fault::ours, "the set-up is broken",
                "a revocation list in the database cannot be read; delete its row in table crl");
  }
  return *std::move(crl);
}

Snapshot::Lists read_lists(Session& session, const Snapshot::Lists& parsed) {
  const auto rows = sql::select(session, "SELECT scope, digest FROM crl WHERE tenant = 'default'");
  Snapshot::Lists lists;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string digest = rows.text("digest", i);
    const auto known = parsed.find(digest);
    lists.emplace(
        digest, known == parsed.end() ? read_list(session, rows.text("scope", i)) : known->second);
  }
  return lists;
}

std::shared_ptr<const OwnKeys> read_own(Session& session, const Seal& seal) {
  const auto rows =
      sql::select(session,
                  "SELECT c.mailbox AS mailbox, c.purpose AS purpose, c.pem AS pem, "
                  "c.retired AS retired, "
                  "COALESCE(k.sealed, '') AS sealed FROM certificate c LEFT JOIN private_key k "
                  "ON k.tenant = c.tenant AND k.key_id = c.key_id WHERE c.tenant = 'default' "
                  "ORDER BY c.mailbox, c.fingerprint");
  std::vector<OwnEntry> entries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    entries.push_back({sql::stored_address(rows.text("mailbox", i)),
                       parse_use(rows.text("purpose", i)),
                       sql::stored_certificate(rows.text("pem", i)), rows.text("sealed", i),
                       rows.flag("retired", i)});
  }
  return std::make_shared<const OwnKeys>(std::move(entries), seal);
}

std::shared_ptr<const Trust> make_trust(Session& session, const config::Config& config,
                                        const Clock& clock, const Snapshot::Lists& lists) {
  Trust::Material material{read_anchors(session),
                           read_intermediates(session),
                           {},
                           sql::read_answers(session),
                           config.smime,
                           config.revocation.grace,
                           release_time(),
                           [&clock] { return clock.is_synchronised(); }};
  for (const auto& [digest, crl] : lists) material.crls.push_back(crl);
  return std::make_shared<const Trust>(std::move(material));
}

}  // namespace

Generations Snapshot::generations(const Database& database) {
  Generations found;
  database.read([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT topic, generation FROM change WHERE tenant = 'default'");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string topic = rows.text("topic", i);
      if (topic == sql::trust_topic) found.trust = rows.number("generation", i);
      if (topic == sql::mailbox_topic) found.mailbox = rows.number("generation", i);
    }
  });
  return found;
}

std::shared_ptr<const Snapshot> Snapshot::load(const Database& database, const Seal& seal,
                                               const Clock& clock, const Snapshot* previous,
                                               std::shared_ptr<const config::Config> config) {
  // Read before the tables: what is read later is at least as new, never older, than this says.
  Parts parts{generations(database), std::move(config), {}, {}, {}};
  const Parts* old = previous == nullptr ? nullptr : &previous->parts_;
  const bool same_trust = old != nullptr && old->generations.trust == parts.generations.trust &&
                          old->config == parts.config;
  const bool same_own = old != nullptr && old->generations.mailbox == parts.generations.mailbox;
  database.read([&](Session& session) {
    parts.lists = same_trust ? old->lists : read_lists(session, old ? old->lists : Lists{});
    parts.trust = same_trust ? old->trust : make_trust(session, *parts.config, clock, parts.lists);
    parts.own = same_own ? old->own : read_own(session, seal);
  });
  return std::make_shared<const Snapshot>(std::move(parts));
}

}  // namespace siegel::pki
