#include "pki/enrol/cmp_refusal.h"

#include <array>
#include <set>
#include <string_view>

#include <openssl/cmperr.h>
#include <openssl/err.h>

#include "base/utf8.h"
#include "pki/asn1.h"
#include "pki/enrol/cmp_context.h"

namespace siegel::pki::enrol {
namespace {

void free_items(STACK_OF(OSSL_CMP_ITAV) * items) {
  sk_OSSL_CMP_ITAV_pop_free(items, OSSL_CMP_ITAV_free);
}

using Items = Handle<STACK_OF(OSSL_CMP_ITAV), free_items>;

struct Failure {
  int bit;
  std::string_view name;
  std::string_view advice;
};

// RFC 4210 appendix F, PKIFailureInfo.
constexpr std::array failures{
    Failure{OSSL_CMP_CTX_FAILINFO_badAlg, "badAlg",
            "the CA does not know the algorithm; take another key type in the CA profile"},
    Failure{OSSL_CMP_CTX_FAILINFO_badMessageCheck, "badMessageCheck",
            "the CA could not verify our protection; compare cmp.reference and cmp.secret, or "
            "cmp.certificate, with what the CA has"},
    Failure{OSSL_CMP_CTX_FAILINFO_badRequest, "badRequest",
            "the CA does not allow or know this request or transaction; ask the CA's operator, "
            "then start it anew"},
    Failure{OSSL_CMP_CTX_FAILINFO_badTime, "badTime",
            "the clocks of this machine and of the CA differ; set them right"},
    Failure{OSSL_CMP_CTX_FAILINFO_badCertId, "badCertId",
            "the CA does not find the certificate; check that it was issued by this CA"},
    Failure{OSSL_CMP_CTX_FAILINFO_badDataFormat, "badDataFormat",
            "the CA cannot read the request; ask the CA's operator what it misses"},
    Failure{OSSL_CMP_CTX_FAILINFO_wrongAuthority, "wrongAuthority",
            "another CA is responsible; check cmp.url, and the first certificate in "
            "cmp.authority"},
    Failure{OSSL_CMP_CTX_FAILINFO_badPOP, "badPOP",
            "the CA does not accept the proof that we hold the key; start the request anew"},
    Failure{OSSL_CMP_CTX_FAILINFO_certRevoked, "certRevoked",
            "the certificate is revoked; enrol the mailbox anew"},
    Failure{OSSL_CMP_CTX_FAILINFO_unacceptedPolicy, "unacceptedPolicy",
            "the CA does not grant this policy; ask the CA's operator"},
    Failure{OSSL_CMP_CTX_FAILINFO_unacceptedExtension, "unacceptedExtension",
            "the CA does not grant an extension that was asked for; adapt the CA profile"},
    Failure{OSSL_CMP_CTX_FAILINFO_badCertTemplate, "badCertTemplate",
            "subject, address or usages do not fit the CA's rules; adapt naming and keys in the "
            "CA profile"},
    Failure{OSSL_CMP_CTX_FAILINFO_signerNotTrusted, "signerNotTrusted",
            "the CA does not know the certificate that signed the request; have it registered"},
    Failure{OSSL_CMP_CTX_FAILINFO_transactionIdInUse, "transactionIdInUse",
            "it is sent again with another number"},
    Failure{OSSL_CMP_CTX_FAILINFO_notAuthorized, "notAuthorized",
            "the CA does not let us do this; have the mailbox, or our right to enrol, registered "
            "there"},
    Failure{OSSL_CMP_CTX_FAILINFO_systemUnavail, "systemUnavail", "it is tried again later"},
    Failure{OSSL_CMP_CTX_FAILINFO_systemFailure, "systemFailure", "it is tried again later"},
    Failure{OSSL_CMP_CTX_FAILINFO_timeNotAvailable, "timeNotAvailable", "it is tried again later"},
    Failure{OSSL_CMP_CTX_FAILINFO_duplicateCertReq, "duplicateCertReq",
            "the CA has issued this certificate already; fetch it there, or revoke it and start "
            "anew"},
};

constexpr int passing_failures =
    OSSL_CMP_CTX_FAILINFO_systemUnavail | OSSL_CMP_CTX_FAILINFO_systemFailure |
    OSSL_CMP_CTX_FAILINFO_timeNotAvailable | OSSL_CMP_CTX_FAILINFO_badTime |
    OSSL_CMP_CTX_FAILINFO_transactionIdInUse;

std::string words_of(const OSSL_CMP_PKIFREETEXT* texts) {
  std::string all;
  for (int i = 0; i < sk_ASN1_UTF8STRING_num(texts); ++i) {
    if (!all.empty()) all += ", ";
    all += octets_of(sk_ASN1_UTF8STRING_value(texts, i));
  }
  return printable(all);
}

/// OpenSSL's reasons in its error queue, of its CMP part.
std::set<int> take_reasons() {
  std::set<int> reasons;
  while (const unsigned long code = ERR_get_error())
    if (ERR_GET_LIB(code) == ERR_LIB_CMP) reasons.insert(ERR_GET_REASON(code));
  return reasons;
}

/// The words of an error message that nobody can verify: a hint for the operator, no more.
std::string unproven_words(const std::string& octets) {
  const Handle<OSSL_CMP_MSG, OSSL_CMP_MSG_free> message(
      from_der_exactly<OSSL_CMP_MSG>(octets, d2i_OSSL_CMP_MSG, OSSL_CMP_MSG_free));
  if (!message || OSSL_CMP_MSG_get_bodytype(message.get()) != static_cast<int>(CmpBody::error))
    return {};
  // OpenSSL gives an error's content to nobody but a context that has received it.
  Conversation hearsay(nullptr, octets);
  const CmpContext context = bare_cmp_context();
  hearsay.attach(context.get());
  constexpr unsigned char nobody = '-';
  checked(OSSL_CMP_CTX_set1_referenceValue(context.get(), &nobody, 1), "set1_referenceValue");
  checked(OSSL_CMP_CTX_set_option(context.get(), OSSL_CMP_OPT_UNPROTECTED_SEND, 1), "send");
  checked(OSSL_CMP_CTX_set_option(context.get(), OSSL_CMP_OPT_UNPROTECTED_ERRORS, 1), "errors");
  const Items none(OSSL_CMP_exec_GENM_ses(context.get()));
  static_cast<void>(drain_openssl_errors());
  const CmpStatus status = CmpStatus::of(context.get());
  return status.is_rejection() ? status.reason() : std::string();
}

std::string why_unbelieved(const std::set<int>& reasons) {
  if (reasons.contains(CMP_R_MISSING_PROTECTION))
    return "an answer came that is not protected, so that anybody may have sent it";
  if (reasons.contains(CMP_R_MISSING_TRUST_ANCHOR) || reasons.contains(CMP_R_MISSING_TRUST_STORE))
    return "the CA's answer is signed, but cmp.authority names no certificate to verify it with";
  if (reasons.contains(CMP_R_NO_SUITABLE_SENDER_CERT))
    return "the CA's answer is signed by nobody whom cmp.authority lets speak for the CA; add the "
           "certificate of its CMP service there";
  if (reasons.contains(CMP_R_MISSING_PBM_SECRET))
    return "the CA's answer is protected by a shared secret, but the profile has none";
  if (reasons.contains(CMP_R_ERROR_VALIDATING_PROTECTION))
    return "the protection of the CA's answer does not fit; compare cmp.reference and cmp.secret "
           "with what the CA has";
  if (reasons.contains(CMP_R_TRANSACTIONID_UNMATCHED) ||
      reasons.contains(CMP_R_RECIPNONCE_UNMATCHED))
    return "an answer came that belongs to another request";
  return {};
}

}  // namespace

CmpStatus CmpStatus::of(const OSSL_CMP_CTX* context) {
  return {OSSL_CMP_CTX_get_status(context), OSSL_CMP_CTX_get_failInfoCode(context),
          words_of(OSSL_CMP_CTX_get0_statusString(context))};
}

bool CmpStatus::is_rejection() const noexcept {
  return status == OSSL_CMP_PKISTATUS_rejection;
}

bool CmpStatus::is_waiting() const noexcept {
  return status == OSSL_CMP_PKISTATUS_waiting;
}

bool CmpStatus::will_pass() const noexcept {
  return failure > 0 && (failure & ~passing_failures) == 0;
}

bool CmpStatus::is_revoked_already() const noexcept {
  return failure == OSSL_CMP_CTX_FAILINFO_certRevoked;
}

std::string CmpStatus::reason() const {
  std::string text = "the CA refuses";
  if (!words.empty()) text += ": " + words;
  bool is_known = false;
  for (const Failure& one : failures) {
    if (failure <= 0 || (failure & one.bit) == 0) continue;
    text += "; " + std::string(one.name) + ": " + std::string(one.advice);
    is_known = true;
  }
  return is_known ? text : text + "; ask the CA's operator why";
}

std::string why_unheard(const Conversation& conversation) {
  const std::set<int> reasons = take_reasons();
  if (!conversation.failure().empty()) return conversation.failure();
  std::string text = why_unbelieved(reasons);
  if (text.empty()) {
    const char* known = reasons.empty()
                            ? nullptr
                            : ERR_reason_error_string(ERR_PACK(ERR_LIB_CMP, 0, *reasons.begin()));
    return "the CA's answer cannot be used" + (known ? " (" + std::string(known) + ')' : "") +
           "; ask the CA's operator";
  }
  const std::string words = unproven_words(conversation.last());
  return words.empty() ? text : text + "; it says: " + words;
}

}  // namespace siegel::pki::enrol
