#include <algorithm>
#include <set>

#include "pki/admission.h"
#include "pki/store.h"
#include "pki/store_key_rows.h"
#include "pki/store_names.h"
#include "pki/store_sql.h"

namespace siegel::pki {
namespace {

using sql::Session;

std::vector<Certificate> authorities_in(const Bundle& bundle) {
  std::vector<Certificate> found;
  std::copy_if(bundle.certificates.begin(), bundle.certificates.end(), std::back_inserter(found),
               [](const Certificate& certificate) { return certificate.is_authority(); });
  return found;
}

std::set<std::string> column(Session& session, const char* name, std::string_view select,
                             const std::string& value) {
  const auto rows = sql::select(session, select, value);
  std::set<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.insert(rows.text(name, i));
  return found;
}

/// One import, inside its transaction.
class Import {
 public:
  Import(Session& session, const Seal& seal, const Application& application, const Bundle& bundle)
      : session_(session), seal_(seal), application_(application), bundle_(bundle) {}

  [[nodiscard]] Imported run() {
    check_mailbox();
    installed_ = column(session_, "fingerprint",
                        "SELECT fingerprint FROM certificate WHERE tenant = 'default' AND "
                        "mailbox = ?",
                        mailbox());
    for (const Certificate& certificate : bundle_.certificates) {
      certificate.is_authority() ? take_authority(certificate) : take(certificate);
    }
    remark_spare_keys();
    if (bundle_.certificates.empty()) remark("the file holds no certificate");
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::string mailbox() const { return application_.mailbox.str(); }
  void remark(std::string text) { result_.remarks.push_back(std::move(text)); }

  void check_mailbox() {
    const auto known = sql::select(
        session_, "SELECT address FROM mailbox WHERE tenant = 'default' AND address = ?",
        mailbox());
    if (!known.empty()) return;
    throw Error(Fault::peer,
                "there is no mailbox " + mailbox() + "; add it first with `siegel mailbox add`");
  }

  void take_authority(const Certificate& authority) {
    const auto& anchors = application_.trust->material().anchors;
    const bool is_anchor = std::any_of(anchors.begin(), anchors.end(), [&](const Anchor& anchor) {
      return anchor.certificate == authority;
    });
    if (is_anchor) return;
    // A file that brings a key must not bring trust as well.
    if (authority.is_self_issued()) {
      return remark(called(authority) +
                    " is a root and was not taken; if you have checked its fingerprint, add it "
                    "with `siegel trust add`");
    }
    result_.chain.push_back(authority);
    if (!sql::put_intermediate(session_, authority, application_.now)) return;
    sql::changed(session_, sql::trust_topic);
    sql::record(session_, application_.now,
                {application_.actor, "intermediate-added", authority.fingerprint(),
                 authority.subject() + ", with a certificate of " + mailbox()});
  }

  void take(const Certificate& certificate) {
    if (installed_.contains(certificate.fingerprint())) {
      result_.present.push_back(certificate);
      return;
    }
    const PrivateKey* key = key_for(certificate);
    if (key == nullptr && !is_stored(certificate.key_id())) {
      return remark(called(certificate) +
                    " came without its private key; import the file that holds both");
    }
    const Admission admission = admit(certificate, application_);
    if (!admission.remark.empty()) remark(admission.remark);
    if (!admission.use) return;
    if (key != nullptr && !is_stored(certificate.key_id())) store(*key, certificate.key_id());
    store(certificate, *admission.use);
  }

  [[nodiscard]] const PrivateKey* key_for(const Certificate& certificate) const {
    const auto found = std::find_if(bundle_.keys.begin(), bundle_.keys.end(),
                                    [&](const PrivateKey& key) { return key.fits(certificate); });
    return found == bundle_.keys.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool is_stored(const std::string& key_id) const {
    return sql::is_key_kept(session_, key_id);
  }

  void store(const PrivateKey& key, const std::string& key_id) {
    sql::insert_key(session_, seal_, key, application_.now);
    sql::record(session_, application_.now, {application_.actor, "key-stored", mailbox(), key_id});
  }

  void store(const Certificate& certificate, CertificateUse use) {
    sql::run(session_,
             "INSERT INTO certificate (tenant, mailbox, fingerprint, key_id, purpose, pem, added, "
             "retired) VALUES ('default', ?, ?, ?, ?, ?, ?, 0)",
             mailbox(), certificate.fingerprint(), certificate.key_id(), std::string(name(use)),
             sql::storable(certificate), to_unix(application_.now));
    sql::changed(session_, sql::mailbox_topic);
    sql::record(session_, application_.now,
                {application_.actor, "certificate-installed", mailbox(),
                 certificate.fingerprint() + ' ' + std::string(name(use))});
    installed_.insert(certificate.fingerprint());
    result_.installed.push_back(certificate);
  }

  void remark_spare_keys() {
    const auto& certificates = bundle_.certificates;
    for (const PrivateKey& key : bundle_.keys) {
      const bool fits =
          std::any_of(certificates.begin(), certificates.end(),
                      [&](const Certificate& certificate) { return key.fits(certificate); });
      if (!fits) {
        remark(
            "a private key fits no certificate of the file and was not taken; import it "
            "together with its certificate");
      }
    }
  }

  Session& session_;
  const Seal& seal_;
  const Application& application_;
  const Bundle& bundle_;
  std::set<std::string> installed_;
  Imported result_;
};

}  // namespace

Imported KeyStore::import(const Address& mailbox, const Bundle& bundle, bool ignore_trust) {
  const Application application{mailbox,      authorities_in(bundle), trust(),
                                clock_.now(), ignore_trust,           actor_};
  Imported result;
  database_.write(
      [&](Session& session) { result = Import(session, seal_, application, bundle).run(); });
  return result;
}

}  // namespace siegel::pki
