#include <algorithm>

#include <openssl/x509v3.h>

#include "pki/asn1.h"
#include "pki/store.h"
#include "pki/store_base64.h"
#include "pki/store_snapshot.h"
#include "pki/store_sql.h"

namespace siegel::pki {
namespace {

using sql::Session;

/// Which lists replace each other: those of one issuer, of one part of its certificates
/// (issuingDistributionPoint, RFC 5280 §5.2.5), full or delta.
std::string scope_of(const Crl& crl) {
  std::string scope = sha256_hex(to_der(X509_CRL_get_issuer(crl.x509_crl()), i2d_X509_NAME));
  const int place = X509_CRL_get_ext_by_NID(crl.x509_crl(), NID_issuing_distribution_point, -1);
  if (place >= 0) {
    const X509_EXTENSION* part = X509_CRL_get_ext(crl.x509_crl(), place);
    scope +=
        '/' + sha256_hex(octets_of(X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(part))));
  }
  return crl.is_delta() ? scope + "/delta" : scope;
}

bool signed_it(const Certificate& issuer, const Crl& crl) {
  const bool names_match =
      X509_NAME_cmp(X509_get_subject_name(issuer.x509()), X509_CRL_get_issuer(crl.x509_crl())) == 0;
  const bool good = names_match && X509_CRL_verify(crl.x509_crl(), issuer.public_key()) == 1;
  if (!good) static_cast<void>(drain_openssl_errors());
  return good;
}

/// Whoever sits between us and the authority's web server must not be able to plant a list with a
/// high number, which would lock all later ones out.
bool is_from_our_authorities(const Crl& crl, const Trust::Material& material) {
  const auto did = [&](const Certificate& issuer) { return signed_it(issuer, crl); };
  return std::any_of(material.anchors.begin(), material.anchors.end(),
                     [&](const Anchor& anchor) { return did(anchor.certificate); }) ||
         std::any_of(material.intermediates.begin(), material.intermediates.end(), did);
}

void put(Session& session, const Crl& crl, const std::string& source, Time now) {
  const std::string scope = scope_of(crl);
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

}  // namespace

KeyStore::CrlTaken KeyStore::keep_crl(const Crl& crl, const std::string& source) {
  if (!is_from_our_authorities(crl, trust()->material())) return CrlTaken::foreign;
  CrlTaken taken = CrlTaken::newer;
  database_.write([&](Session& session) {
    const auto older = stored(session, scope_of(crl));
    if (older && older->der() == crl.der()) {
      taken = CrlTaken::same;
    } else if (older && !crl.supersedes(*older)) {
      taken = CrlTaken::rollback;
    } else {
      put(session, crl, source, clock_.now());
    }
    if (taken == CrlTaken::same) return;
    sql::record(session, clock_.now(),
                {sql::by_gateway, taken == CrlTaken::newer ? "list-taken" : "list-rollback",
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
