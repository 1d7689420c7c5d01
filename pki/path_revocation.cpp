#include "pki/path_revocation.h"

#include <algorithm>

#include <openssl/x509v3.h>

#include "pki/openssl.h"
#include "pki/path_findings.h"

namespace siegel::pki {
namespace {

using KeyIdentifier = Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using Part = Handle<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using Reason = Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;

enum class Entry { none, revoked, held, removed };

// RFC 5280 §5.3.1; an entry without a reason is for good. Indirect lists: the lookup compares the
// entry's certificateIssuer (§5.3.3).
Entry entry_of(const Certificate& certificate, const Crl& list) {
  X509_REVOKED* entry = nullptr;
  if (X509_CRL_get0_by_cert(list.x509_crl(), &entry, certificate.x509()) == 0) return Entry::none;
  const Reason reason(static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
  const long code = reason ? ASN1_ENUMERATED_get(reason.get()) : CRL_REASON_UNSPECIFIED;
  if (code == CRL_REASON_CERTIFICATE_HOLD) return Entry::held;
  return code == CRL_REASON_REMOVE_FROM_CRL ? Entry::removed : Entry::revoked;
}

// RFC 5280 §5.2.5: attribute certificates have serial numbers of their own.
bool is_about_attributes(const Crl& list) {
  if (list.part().empty()) return false;
  const Part part(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(list.x509_crl(), NID_issuing_distribution_point, nullptr, nullptr)));
  return part && part->onlyattr > 0;
}

bool names_another_key(const Crl& list, const Certificate& issuer) {
  const KeyIdentifier named(static_cast<AUTHORITY_KEYID*>(
      X509_CRL_get_ext_d2i(list.x509_crl(), NID_authority_key_identifier, nullptr, nullptr)));
  return named && X509_check_akid(issuer.x509(), named.get()) != X509_V_OK;
}

bool has_name_of(const Certificate& issuer, const Crl& list) {
  return X509_NAME_cmp(X509_get_subject_name(issuer.x509()),
                       X509_CRL_get_issuer(list.x509_crl())) == 0;
}

// RFC 5280 §6.3.3 (f): keyUsage, if there is one, must hold cRLSign.
bool may_sign_lists(const Certificate& certificate) {
  return (X509_get_key_usage(certificate.x509()) & KU_CRL_SIGN) != 0;
}

bool has_issued(const Certificate& authority, const Certificate& certificate) {
  return X509_check_issued(authority.x509(), certificate.x509()) == X509_V_OK &&
         X509_verify(certificate.x509(), authority.public_key()) == 1;
}

}  // namespace

std::vector<const Crl*> PathRevocation::lists_of(const Certificate& issuer) const {
  // OpenSSL looks for another key of the authority only where a list names it, and checks its path.
  const auto all = verified(
      issuer, [&](const Crl& list, const Certificate&) { return names_another_key(list, issuer); });
  std::vector<const Crl*> lists;
  for (const Signed& each : all)
    if (!has_begun(*each.list) || is_standing(each, all)) lists.push_back(each.list);
  return lists;
}

bool PathRevocation::is_due(const Certificate& issuer) const {
  const auto lists = lists_of(issuer);
  return std::ranges::none_of(lists, [&](const Crl* list) {
    const Time end = list->next_update().value_or(at_);
    return at_ < list->this_update() + (end - list->this_update()) / 2;
  });
}

bool PathRevocation::revokes(std::span<const Certificate> chain, std::size_t depth) const {
  const Certificate& certificate = chain[depth];
  const auto above = chain.subspan(std::min(depth + 1, chain.size() - 1));
  if (!may_sign_lists(above.front())) return false;
  auto all = verified(above.front(), [&](const Crl&, const Certificate& signer) {
    return may_speak(signer, above);
  });
  std::erase_if(all, [](const Signed& each) {
    return each.list->is_enigmatic() || is_about_attributes(*each.list);
  });
  return std::ranges::any_of(all, [&](const Signed& each) {
    const Entry entry = entry_of(certificate, *each.list);
    return entry == Entry::revoked || (entry == Entry::held && is_held(each, certificate, all));
  });
}

/// The lists of `issuer`: those that its key signed, and those that another key of the same name
/// signed if `accepts` says so.
std::vector<PathRevocation::Signed> PathRevocation::verified(const Certificate& issuer,
                                                             const Accepts& accepts) const {
  std::vector<Signed> found;
  for (const Crl& list : material_.crls) {
    if (list.is_forgeable() || !has_name_of(issuer, list)) continue;
    if (list.is_signed_by(issuer)) {
      found.push_back({&list, issuer.key_id()});
    } else if (const Certificate* other = other_signer(list, accepts)) {
      found.push_back({&list, other->key_id()});
    }
  }
  return found;
}

const Certificate* PathRevocation::other_signer(const Crl& list, const Accepts& accepts) const {
  const auto fits = [&](const Certificate& candidate) {
    return list.is_signed_by(candidate) && accepts(list, candidate);
  };
  for (const Anchor& anchor : material_.anchors)
    if (fits(anchor.certificate)) return &anchor.certificate;
  for (const Certificate* candidate : at_hand_)
    if (fits(*candidate)) return candidate;
  return nullptr;
}

/// True if `signer` may revoke what `above.front()` has issued: it is an anchor, or an authority of
/// the path has issued it. A certificate that somebody brought along must not.
bool PathRevocation::may_speak(const Certificate& signer,
                               std::span<const Certificate> above) const {
  if (!may_sign_lists(signer)) return false;
  const bool is_anchor =
      std::ranges::find(material_.anchors, signer, &Anchor::certificate) != material_.anchors.end();
  const bool vouched = is_anchor || std::ranges::any_of(above, [&](const Certificate& authority) {
                         return has_issued(authority, signer);
                       });
  static_cast<void>(drain_openssl_errors());
  return vouched;
}

bool PathRevocation::has_begun(const Crl& list) const {
  return list.this_update() <= at_ + clock_skew;
}

bool PathRevocation::is_standing(const Signed& list, const std::vector<Signed>& all) const {
  if (!has_begun(*list.list)) return false;
  return std::ranges::none_of(all, [&](const Signed& other) {
    return other.key == list.key && !other.list->is_enigmatic() && has_begun(*other.list) &&
           other.list->supersedes(*list.list);
  });
}

bool PathRevocation::is_held(const Signed& list, const Certificate& certificate,
                             const std::vector<Signed>& all) const {
  if (!is_standing(list, all)) return false;
  return std::ranges::none_of(all, [&](const Signed& other) {
    if (other.key != list.key || other.list->part() != list.list->part()) return false;
    if (!is_standing(other, all) || !other.list->is_later_than(*list.list)) return false;
    // A later delta list must lift it; a later full list does by not naming it.
    return entry_of(certificate, *other.list) ==
           (other.list->is_delta() ? Entry::removed : Entry::none);
  });
}

}  // namespace siegel::pki
