#include "pki/path_findings.h"

#include <algorithm>
#include <array>

#include <openssl/x509v3.h>

#include "pki/asn1.h"

namespace siegel::pki {
namespace {

// The higher, the more it matters: what makes the certificate somebody else's word comes first,
// then what its own authority says of it, then what is merely not known.
int rank(PathStatus status) {
  constexpr std::array<PathStatus, 9> order{
      PathStatus::trusted, PathStatus::unchecked_revocation, PathStatus::weak,
      PathStatus::unfit,   PathStatus::not_yet_valid,        PathStatus::expired,
      PathStatus::revoked, PathStatus::unknown_issuer,       PathStatus::untrusted};
  return static_cast<int>(std::ranges::find(order, status) - order.begin());
}

PathStatus status_of(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return PathStatus::unknown_issuer;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return PathStatus::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return PathStatus::not_yet_valid;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      return PathStatus::unchecked_revocation;
    default:
      return PathStatus::untrusted;
  }
}

std::string quoted(const X509_NAME* name) {
  return "“" + printable_name(name) + "”";
}

std::string whose(X509_STORE_CTX* context, const X509* certificate) {
  if (X509_STORE_CTX_get_error_depth(context) == 0) return "the certificate";
  return "the certificate of the authority " + quoted(X509_get_subject_name(certificate));
}

std::string day_of(const ASN1_TIME* time) {
  const auto moment = to_time(time);
  return moment ? rfc3339(*moment) : "an unreadable date";
}

std::string about_lists(int error, const X509* certificate, const X509_CRL* crl) {
  const std::string issuer = quoted(X509_get_issuer_name(certificate));
  if (error == X509_V_ERR_UNABLE_TO_GET_CRL || crl == nullptr)
    return "no usable revocation list of " + issuer + " is at hand";
  if (error == X509_V_ERR_CRL_HAS_EXPIRED)
    return "the revocation list of " + issuer + " is out of date since " +
           day_of(X509_CRL_get0_nextUpdate(crl));
  if (error == X509_V_ERR_CRL_NOT_YET_VALID)
    return "the revocation list of " + issuer + " is valid only from " +
           day_of(X509_CRL_get0_lastUpdate(crl));
  return "the revocation list of " + issuer +
         " cannot be used: " + X509_verify_cert_error_string(error);
}

std::string about_trust(int error, const std::string& who, const X509* certificate) {
  switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "the certificate is signed by itself and is no trust anchor here";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "the path ends at " + quoted(X509_get_subject_name(certificate)) +
             ", which is no trust anchor here";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "the signature on " + who + " is wrong: it was altered or is a forgery";
    case X509_V_ERR_INVALID_CA:
      return who + unfit_to_issue(const_cast<X509*>(certificate));
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return "the path to a trust anchor is too long";
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return who + " forbids so many authorities below it";
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
      return who + " holds a name that an authority above it does not allow";
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return who + " holds a critical extension that is not known here";
    default:
      return who + " breaks a rule of RFC 5280: " + X509_verify_cert_error_string(error);
  }
}

std::string sentence(int error, X509_STORE_CTX* context, const X509* certificate) {
  const std::string who = whose(context, certificate);
  switch (status_of(error)) {
    case PathStatus::unknown_issuer:
      return "the issuer " + quoted(X509_get_issuer_name(certificate)) + " is not known here";
    case PathStatus::expired:
      return who + " expired on " + day_of(X509_get0_notAfter(certificate));
    case PathStatus::not_yet_valid:
      return who + " is valid only from " + day_of(X509_get0_notBefore(certificate));
    case PathStatus::unchecked_revocation:
      return about_lists(error, certificate, X509_STORE_CTX_get0_current_crl(context));
    default:
      return about_trust(error, who, certificate);
  }
}

bool is_reached(const ASN1_TIME* start, Time now) {
  const auto moment = to_time(start);
  return moment && *moment <= now;
}

bool is_over(const ASN1_TIME* end, Time now) {
  const auto moment = to_time(end);
  return !moment || *moment < now;
}

}  // namespace

std::string unfit_to_issue(X509* issuer) {
  if ((X509_get_extension_flags(issuer) & EXFLAG_CA) != 0)
    return " may not sign certificates (its keyUsage) but was used to sign another one";
  return " is no authority's certificate but was used to sign another one";
}

void PathFindings::listen(X509_STORE_CTX* context) {
  X509_STORE_CTX_set_app_data(context, this);
  X509_STORE_CTX_set_verify_cb(context, &PathFindings::on_result);
}

const Finding* PathFindings::worst() const {
  const auto found = std::ranges::max_element(
      all_, {}, [](const Finding& finding) { return rank(finding.status); });
  return found == all_.end() ? nullptr : &*found;
}

bool PathFindings::is_unchecked(int depth) const {
  return std::ranges::any_of(all_, [&](const Finding& finding) {
    return finding.depth == depth && finding.status == PathStatus::unchecked_revocation;
  });
}

void PathFindings::drop_unchecked(int depth) {
  std::erase_if(all_, [&](const Finding& finding) {
    return finding.depth == depth && finding.status == PathStatus::unchecked_revocation;
  });
}

int PathFindings::on_result(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return ok;
  X509_STORE_CTX* outer = context;
  while (X509_STORE_CTX* parent = X509_STORE_CTX_get0_parent_ctx(outer)) outer = parent;
  auto& findings = *static_cast<PathFindings*>(X509_STORE_CTX_get_app_data(outer));
  const int error = X509_STORE_CTX_get_error(context);
  if (findings.is_tolerated(error, context)) return 1;
  // The path of a list's own issuer: a fault in it ends that path, and the outer one hears that the
  // list cannot be used.
  if (outer != context) return 0;
  findings.note(error, context);
  return 1;
}

bool PathFindings::is_tolerated(int error, X509_STORE_CTX* context) const {
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  const X509_CRL* crl = X509_STORE_CTX_get0_current_crl(context);
  if (error == X509_V_ERR_CERT_NOT_YET_VALID)
    return certificate != nullptr && is_reached(X509_get0_notBefore(certificate), at_ + clock_skew);
  if (error == X509_V_ERR_CRL_NOT_YET_VALID)
    return crl != nullptr && is_reached(X509_CRL_get0_lastUpdate(crl), at_ + clock_skew);
  if (error == X509_V_ERR_CRL_HAS_EXPIRED)
    return crl != nullptr && !is_over(X509_CRL_get0_nextUpdate(crl), at_ - crl_grace_);
  return false;
}

void PathFindings::note(int error, X509_STORE_CTX* context) {
  // PathRevocation says who is revoked; from OpenSSL we take whether that can be known.
  if (error == X509_V_ERR_CERT_REVOKED) return;
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  if (certificate == nullptr) certificate = X509_STORE_CTX_get0_cert(context);
  all_.push_back({status_of(error), sentence(error, context, certificate),
                  X509_STORE_CTX_get_error_depth(context)});
}

}  // namespace siegel::pki
