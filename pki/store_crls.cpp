#include "pki/asn1.h"
#include "pki/store.h"
#include "pki/store_base64.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"

namespace siegel::pki {
namespace {

using sql::Session;

/// Rows of the first release name a scope so: lists of one issuer, of one part of its certificates
/// (issuingDistributionPoint, RFC 5280 §5.2.5), full or delta.
std::string scope_without_key(const Crl& crl) {
  std::string scope = sha256_hex(to_der(X509_CRL_get_issuer(crl.x509_crl()), i2d_X509_NAME));
  if (!crl.part().empty()) scope += '/' + sha256_hex(crl.part());
  return crl.is_delta() ? scope + "/delta" : scope;
}

/// Which lists replace each other: those of one scope that one key has signed. An authority that
/// changes its key goes on with the lists of the old one, and numbers each series by itself.
std::string scope_of(const Crl& crl, const Certificate& signer) {
  return signer.key_id() + '/' + scope_without_key(crl);
}

/// Whoever sits between us and the authority's web server must not be able to plant a list with a
/// high number, which would lock all later ones out.
const Certificate* signer_among_ours(const Crl& crl, const Trust::Material& material,
                                     std::span<const Certificate> vouched) {
  for (const Anchor& anchor : material.anchors)
    if (crl.is_signed_by(anchor.certificate)) return &anchor.certificate;
  for (const Certificate& intermediate : material.intermediates)
    if (crl.is_signed_by(intermediate)) return &intermediate;
  for (const Certificate& authority : vouched)
    if (crl.is_signed_by(authority)) return &authority;
  return nullptr;
}

/// What one step of keeping a list needs to know of it.
struct Arrival {
  const Crl& crl;
  const Certificate& signer;
  std::string scope, source;
};

void put(Session& session, const Arrival& arrival, Time now) {
  const auto& [crl, signer, scope, source] = arrival;
  const std::string der = crl.der();
  sql::run(session, "DELETE FROM crl WHERE tenant = 'default' AND scope = ?", scope);
  sql::run(session,
           "INSERT INTO crl (tenant, scope, issuer, number, this_update, digest, der, source, "
           "taken) VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?)",
           scope, crl.issuer(), crl.number(), to_unix(crl.this_update()), sha256_hex(der),
           to_base64(der), source, to_unix(now));
  sql::changed(session, sql::trust_topic);
}

std::optional<Crl> stored(Session& session, const std::string& scope) {
  const auto rows =
      sql::select(session, "SELECT der FROM crl WHERE tenant = 'default' AND scope = ?", scope);
  if (rows.empty()) return std::nullopt;
  return Crl::parse(from_base64(rows.text("der")));
}

/// Gives a row of the first release its new name, if the same key signed its list.
void rename_old_row(Session& session, const Arrival& arrival) {
  if (stored(session, arrival.scope)) return;
  const std::string old_scope = scope_without_key(arrival.crl);
  const auto old = stored(session, old_scope);
  if (!old || !old->is_signed_by(arrival.signer)) return;
  sql::run(session, "UPDATE crl SET scope = ? WHERE tenant = 'default' AND scope = ?",
           arrival.scope, old_scope);
}

bool says_something(const Crl& crl) {
  return !crl.is_forgeable() && !crl.is_enigmatic();
}

KeyStore::CrlTaken take(Session& session, const Arrival& arrival, Time now) {
  rename_old_row(session, arrival);
  auto older = stored(session, arrival.scope);
  if (older && !says_something(*older)) older.reset();  // an earlier release has kept such
  if (older && older->der() == arrival.crl.der()) return KeyStore::CrlTaken::same;
  if (older && !arrival.crl.supersedes(*older)) return KeyStore::CrlTaken::rollback;
  put(session, arrival, now);
  return KeyStore::CrlTaken::newer;
}

}  // namespace

KeyStore::CrlTaken KeyStore::keep_crl(const Crl& crl, const std::string& source,
                                      std::span<const Certificate> vouched) {
  const auto trusted = trust();
  const Certificate* signer = signer_among_ours(crl, trusted->material(), vouched);
  if (signer == nullptr) return CrlTaken::foreign;
  if (!says_something(crl)) return CrlTaken::unusable;
  const Arrival arrival{crl, *signer, scope_of(crl, *signer), source};
  CrlTaken taken = CrlTaken::newer;
  database_.write([&](Session& session) {
    taken = take(session, arrival, clock_.now());
    if (taken == CrlTaken::same) return;
    sql::record(session, clock_.now(),
                {by_gateway, taken == CrlTaken::newer ? "list-taken" : "list-rollback",
                 crl.issuer(), "number " + crl.number() + " from " + source});
  });
  return taken;
}

std::optional<ListState> KeyStore::list_state(const std::string& source) const {
  std::optional<ListState> state;
  database_.read([&](Session& session) {
    const auto rows = sql::select(
        session,
        "SELECT tried, fetched, trouble FROM list_source WHERE tenant = 'default' AND source = ?",
        source);
    if (rows.empty()) return;
    state = ListState{rows.moment("tried"), rows.moment("fetched"), rows.text("trouble")};
  });
  return state;
}

void KeyStore::note_list(const std::string& source, const ListState& state) {
  database_.write([&](Session& session) {
    sql::run(session, "DELETE FROM list_source WHERE tenant = 'default' AND source = ?", source);
    sql::run(session,
             "INSERT INTO list_source (tenant, source, tried, fetched, trouble) "
             "VALUES ('default', ?, ?, ?, ?)",
             source, to_unix(state.tried), to_unix(state.fetched), state.trouble);
  });
}

}  // namespace siegel::pki
