#include "gateway/crypt/smime.h"
#include "gateway/crypt/smime_algorithms.h"
#include "gateway/crypt/smime_cms.h"
#include "gateway/crypt/smime_signer.h"

namespace siegel::crypt::smime {

namespace {

using policy::Status;

// More signers than anybody needs; each costs a path validation.
constexpr int max_signers = 5;

Verified rejected(Finding finding) {
  Verified verified;
  verified.layer.status = finding.status;
  verified.layer.reason = std::move(finding.reason);
  return verified;
}

// Nothing if it is a SignedData with content of a mail and a sensible number of signers.
std::optional<Finding> check_form(CMS_ContentInfo* cms) {
  if (cms == nullptr || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
    return Finding{Status::malformed, "the signature cannot be read"};
  if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
    return Finding{Status::unsupported, "what was signed is not a mail"};
  const int signers = sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms));
  if (signers <= 0)
    return Finding{Status::malformed, "nobody has signed: there is no signature inside"};
  if (signers > max_signers) return Finding{Status::malformed, "there are too many signatures"};
  return std::nullopt;
}

// a message with several signers is never better than its worst, and never good: a reader is
// shown one.
void demote_for_company(policy::Layer& worst) {
  policy::Layer several = worst;
  several.status = Status::weak;
  several.accepted_weak = several.soft_fail = false;
  if (badness(worst) >= badness(several)) {
    worst.reason += " (one of several signers)";
    return;
  }
  several.reason = "the message has several signers and cannot be ascribed to one of them";
  worst = std::move(several);
}

Examined examine_all(CMS_ContentInfo* cms, Covered& covered, const Measure& measure) {
  // CRLs in the message are never asked for, nor are unsigned attributes.
  const pki::X509StackHandle certificates(CMS_get1_certs(cms));
  STACK_OF(CMS_SignerInfo)* const signers = CMS_get0_SignerInfos(cms);
  Examined worst =
      examine(sk_CMS_SignerInfo_value(signers, 0), certificates.get(), covered, measure);
  for (int i = 1; i < sk_CMS_SignerInfo_num(signers); ++i) {
    Examined next =
        examine(sk_CMS_SignerInfo_value(signers, i), certificates.get(), covered, measure);
    const bool all_fit = worst.digest_fits && next.digest_fits;
    if (badness(next.verified.layer) > badness(worst.verified.layer)) worst = std::move(next);
    worst.digest_fits = all_fit;
  }
  if (sk_CMS_SignerInfo_num(signers) > 1) demote_for_company(worst.verified.layer);
  return worst;
}

}  // namespace

Verified verify_detached(std::string_view cms, std::string_view covered, const pki::Trust& trust,
                         const config::SmimeSettings& settings, Time at) {
  const QuietErrors quiet;
  const CmsHandle parsed = parse_cms(cms, max_signature_octets);
  if (auto finding = check_form(parsed.get())) return rejected(std::move(*finding));
  // two contents, and two programs that show different ones.
  if (*CMS_get0_content(parsed.get()) != nullptr)
    return rejected({Status::bad, "the signature hides a second content"});
  Covered octets(covered);
  return examine_all(parsed.get(), octets, {trust, settings, at}).verified;
}

Verified verify_opaque(std::string_view cms, const pki::Trust& trust,
                       const config::SmimeSettings& settings, Time at) {
  const QuietErrors quiet;
  const CmsHandle parsed = parse_cms(cms, max_content_octets);
  if (auto finding = check_form(parsed.get())) return rejected(std::move(*finding));
  const ASN1_OCTET_STRING* content = *CMS_get0_content(parsed.get());
  if (content == nullptr) return rejected({Status::malformed, "the signed content is missing"});
  Covered octets(octets_of(content));
  Examined examined = examine_all(parsed.get(), octets, {trust, settings, at});
  if (examined.digest_fits) examined.verified.content = octets.octets();
  return std::move(examined.verified);
}

}  // namespace siegel::crypt::smime
