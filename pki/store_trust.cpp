#include <algorithm>

#include "base/ascii.h"
#include "pki/store.h"
#include "pki/store_names.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"

namespace siegel::pki {
namespace {

using sql::Rows;
using sql::Session;

constexpr std::int64_t most_pending_roots = 500;
constexpr std::size_t shortest_prefix = 8;

void check_root(const Certificate& certificate) {
  if (certificate.is_authority() && certificate.is_self_issued()) return;
  throw Error(Fault::peer, certificate.is_authority()
                               ? "this is an intermediate authority, no root; add the root that "
                                 "issued it: " +
                                     certificate.issuer()
                               : "this is no certificate of an authority; add the root instead: " +
                                     certificate.issuer());
}

/// The fingerprint that `given` names, as a whole or by its first digits. Nothing if there is none.
std::optional<std::string> resolve(const std::vector<std::string>& known, std::string_view given) {
  const std::string wanted = ascii::lower(ascii::trim(given));
  if (wanted.size() < shortest_prefix) {
    throw Error(Fault::peer, "give at least the first 8 digits of the fingerprint");
  }
  std::optional<std::string> found;
  for (const std::string& fingerprint : known) {
    if (!fingerprint.starts_with(wanted)) continue;
    if (found) throw Error(Fault::peer, "several fingerprints begin with these digits; give more");
    found = fingerprint;
  }
  return found;
}

std::vector<std::string> fingerprints(const Rows& rows) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows.text("fingerprint", i));
  return found;
}

void drop_pending_root(Session& session, const std::string& fingerprint) {
  sql::run(session, "DELETE FROM pending_root WHERE tenant = 'default' AND fingerprint = ?",
           fingerprint);
}

void put_anchor(Session& session, const Anchor& anchor, Time now) {
  const Certificate& root = anchor.certificate;
  sql::run(session, "DELETE FROM anchor WHERE tenant = 'default' AND fingerprint = ?",
           root.fingerprint());
  sql::run(session,
           "INSERT INTO anchor (tenant, fingerprint, pem, revocation, label, added) "
           "VALUES ('default', ?, ?, ?, ?, ?)",
           root.fingerprint(), sql::storable(root), std::string(name(anchor.revocation)),
           anchor.label, to_unix(now));
  drop_pending_root(session, root.fingerprint());
  sql::changed(session, sql::trust_topic);
}

PendingRoot pending_root_in(const Rows& rows, std::size_t row) {
  return {sql::stored_certificate(rows.text("pem", row)),
          sql::stored_address(rows.text("seen_from", row)), rows.moment("first_seen", row),
          rows.moment("last_seen", row), rows.number("sightings", row)};
}

/// Anybody can send roots: the list is for a person to read, and must not grow for ever.
void make_room(Session& session) {
  const auto count =
      sql::select(session, "SELECT COUNT(*) AS roots FROM pending_root WHERE tenant = 'default'");
  if (count.number("roots") < most_pending_roots) return;
  const auto rarest = sql::select(session,
                                  "SELECT fingerprint FROM pending_root WHERE tenant = 'default' "
                                  "ORDER BY sightings, last_seen LIMIT 1");
  drop_pending_root(session, rarest.text("fingerprint"));
}

bool count_sighting(Session& session, const std::string& fingerprint, Time at) {
  const auto known = sql::select(
      session, "SELECT sightings FROM pending_root WHERE tenant = 'default' AND fingerprint = ?",
      fingerprint);
  if (known.empty()) return false;
  sql::run(session,
           "UPDATE pending_root SET last_seen = ?, sightings = sightings + 1 "
           "WHERE tenant = 'default' AND fingerprint = ?",
           to_unix(at), fingerprint);
  return true;
}

void put_pending_root(Session& session, const Certificate& root, const Address& from, Time at) {
  make_room(session);
  sql::run(session,
           "INSERT INTO pending_root (tenant, fingerprint, pem, seen_from, first_seen, last_seen, "
           "sightings) VALUES ('default', ?, ?, ?, ?, ?, 1)",
           root.fingerprint(), sql::storable(root), from.str(), to_unix(at), to_unix(at));
  sql::record(session, at, {by_gateway, "root-pending", root.fingerprint(), root.subject()});
}

bool is_anchor(const Trust::Material& material, const Certificate& certificate) {
  return std::any_of(material.anchors.begin(), material.anchors.end(),
                     [&](const Anchor& anchor) { return anchor.certificate == certificate; });
}

}  // namespace

void KeyStore::add_anchor(const Anchor& anchor) {
  check_root(anchor.certificate);
  const Time now = clock_.now();
  database_.write([&](Session& session) {
    put_anchor(session, anchor, now);
    sql::record(session, now,
                {actor_, "anchor-added", anchor.certificate.fingerprint(),
                 anchor.certificate.subject() + ", " + std::string(name(anchor.revocation))});
  });
}

void KeyStore::add_intermediate(const Certificate& certificate) {
  if (!certificate.is_authority()) {
    throw Error(Fault::peer, "this is no certificate of an authority: " + certificate.subject());
  }
  const Time now = clock_.now();
  database_.write([&](Session& session) {
    if (!sql::put_intermediate(session, certificate, now)) return;
    sql::changed(session, sql::trust_topic);
    sql::record(session, now,
                {actor_, "intermediate-added", certificate.fingerprint(), certificate.subject()});
  });
}

bool KeyStore::remove_anchor(const std::string& fingerprint) {
  bool was_there = false;
  database_.write([&](Session& session) {
    const auto found =
        resolve(fingerprints(sql::select(
                    session, "SELECT fingerprint FROM anchor WHERE tenant = 'default'")),
                fingerprint);
    was_there = found.has_value();
    if (!was_there) return;
    sql::run(session, "DELETE FROM anchor WHERE tenant = 'default' AND fingerprint = ?", *found);
    sql::changed(session, sql::trust_topic);
    sql::record(session, clock_.now(), {actor_, "anchor-removed", *found, {}});
  });
  return was_there;
}

std::vector<Anchor> KeyStore::anchors() const {
  return trust()->material().anchors;
}

std::vector<PendingRoot> KeyStore::pending_roots() const {
  std::vector<PendingRoot> found;
  database_.read([&](Session& session) {
    const auto rows = sql::select(session,
                                  "SELECT * FROM pending_root WHERE tenant = 'default' "
                                  "ORDER BY sightings DESC, fingerprint");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto root = sql::readable("table pending_root, fingerprint " + rows.text("fingerprint", i),
                                [&] { return pending_root_in(rows, i); });
      if (root) found.push_back(*std::move(root));
    }
  });
  return found;
}

void KeyStore::approve_root(const std::string& fingerprint) {
  const auto mode = settings()->revocation.mode;
  const Time now = clock_.now();
  database_.write([&](Session& session) {
    const auto rows =
        sql::select(session, "SELECT fingerprint, pem FROM pending_root WHERE tenant = 'default'");
    const auto known = fingerprints(rows);
    const auto found = resolve(known, fingerprint);
    if (!found) {
      throw Error(Fault::peer,
                  "no pending root has this fingerprint; `siegel trust pending` lists "
                  "them");
    }
    const auto row = std::find(known.begin(), known.end(), *found) - known.begin();
    const auto root = sql::stored_certificate(rows.text("pem", static_cast<std::size_t>(row)));
    check_root(root);
    put_anchor(session, {root, mode, root.subject()}, now);
    sql::record(session, now, {actor_, "root-approved", root.fingerprint(), root.subject()});
  });
}

void KeyStore::note_unknown_root(const Certificate& topmost, const Address& seen_from, Time at) {
  if (is_anchor(trust()->material(), topmost)) return;
  database_.write([&](Session& session) {
    if (count_sighting(session, topmost.fingerprint(), at)) return;
    put_pending_root(session, topmost, seen_from, at);
  });
}

}  // namespace siegel::pki
