#include "pki/ocsp.h"

#include <algorithm>
#include <array>

#include <openssl/ocsp.h>
#include <openssl/rand.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "pki/algorithms.h"
#include "pki/asn1.h"
#include "pki/openssl.h"

namespace siegel::pki {
namespace {

constexpr std::chrono::seconds skew{300};        // STANDARDS §5.3
constexpr std::chrono::hours longest_cache{24};  // STANDARDS §5.3
constexpr std::size_t request_limit = std::size_t{64} << 10U;
constexpr std::size_t response_limit = std::size_t{1} << 20U;
constexpr int nonce_octets = 16;

using CertId = Handle<OCSP_CERTID, OCSP_CERTID_free>;
using Request = Handle<OCSP_REQUEST, OCSP_REQUEST_free>;
using Response = Handle<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using Basic = Handle<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using Store = Handle<X509_STORE, X509_STORE_free>;

CertId certificate_id(const EVP_MD* digest, const Certificate& certificate,
                      const Certificate& issuer) {
  return CertId(
      checked(OCSP_cert_to_id(digest, certificate.x509(), issuer.x509()), "OCSP_cert_to_id"));
}

std::string octets_of_nonce(OCSP_REQUEST* request) {
  const int at = OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1);
  if (at < 0) return {};
  return std::string(octets_of(X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(request, at))));
}

std::string quoted(const Certificate& certificate) {
  return "“" + certificate.subject() + "”";
}

/// The end of reading: the sentence that says why there is no answer.
struct Refusal {
  std::string why;
};
using Verdict = std::optional<Refusal>;

/// One response, step by step; each step refuses or lets the next one go on.
class Reading {
 public:
  Reading(const StatusNeed& need, const OcspRequest& asked, Time at)
      : need_(need), asked_(asked), at_(at) {}

  OcspReading read(std::string_view octets) {
    Verdict refusal = open(octets);
    if (!refusal) refusal = check_nonce();
    if (!refusal) refusal = check_extensions();
    if (!refusal) refusal = check_signer();
    if (!refusal) refusal = check_algorithms();
    if (!refusal) refusal = check_signature();
    if (!refusal) refusal = take_answer();
    if (!refusal) refusal = check_times();
    static_cast<void>(drain_openssl_errors());
    OcspReading reading;
    if (refusal) {
      reading.refusal = std::move(refusal->why);
      return reading;
    }
    reading.answer = std::move(answer_);
    if (*signer_ == need_.issuer) return reading;
    reading.is_responder_revocable =
        X509_get_ext_by_NID(signer_->x509(), NID_id_pkix_OCSP_noCheck, -1) < 0;
    reading.responder = std::move(signer_);
    return reading;
  }

 private:
  Verdict open(std::string_view octets);
  Verdict check_nonce() const;
  Verdict check_extensions() const;
  Verdict check_signer();
  [[nodiscard]] std::optional<Certificate> named_signer() const;
  [[nodiscard]] Verdict check_delegation(const Certificate& responder) const;
  Verdict check_algorithms() const;
  Verdict check_signature() const;
  Verdict take_answer();
  Verdict check_times() const;

  const StatusNeed& need_;
  const OcspRequest& asked_;
  const Time at_;
  Basic basic_;
  std::optional<Certificate> signer_;
  OcspAnswer answer_;
};

Verdict Reading::open(std::string_view octets) {
  if (octets.size() > response_limit) return Refusal{"the OCSP response is larger than 1 MiB"};
  const Response response(
      from_der_exactly<OCSP_RESPONSE>(octets, d2i_OCSP_RESPONSE, OCSP_RESPONSE_free));
  if (!response) return Refusal{"what came is no OCSP response"};
  const int status = OCSP_response_status(response.get());
  // RFC 6960 §4.2.1: anything but successful comes without an answer, and is not signed.
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return Refusal{std::string("the OCSP responder refuses: ") + OCSP_response_status_str(status)};
  basic_ = Basic(OCSP_response_get1_basic(response.get()));
  if (!basic_) return Refusal{"the OCSP response is of a kind that is not known here"};
  return std::nullopt;
}

// RFC 6960 §4.4.1. Many responders make their answers in advance and repeat no nonce (RFC 5019); a
// wrong one means that the answer belongs to another request.
Verdict Reading::check_nonce() const {
  const int at = OCSP_BASICRESP_get_ext_by_NID(basic_.get(), NID_id_pkix_OCSP_Nonce, -1);
  if (at < 0) return std::nullopt;
  const auto nonce = octets_of(X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic_.get(), at)));
  if (nonce == asked_.nonce) return std::nullopt;
  return Refusal{"the OCSP response answers another request: its nonce is not ours"};
}

bool is_foreign(X509_EXTENSION* extension) {
  return X509_EXTENSION_get_critical(extension) != 0 &&
         OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_id_pkix_OCSP_Nonce;
}

Verdict Reading::check_extensions() const {
  for (int i = 0; i < OCSP_BASICRESP_get_ext_count(basic_.get()); ++i)
    if (is_foreign(OCSP_BASICRESP_get_ext(basic_.get(), i)))
      return Refusal{"the OCSP response holds a critical extension that is not known here"};
  return std::nullopt;
}

/// RFC 6960 §4.2.1: the responder is named by its subject or by the SHA-1 of its key.
std::optional<Certificate> Reading::named_signer() const {
  const ASN1_OCTET_STRING* key = nullptr;
  const X509_NAME* name = nullptr;
  if (OCSP_resp_get0_id(basic_.get(), &key, &name) != 1) return std::nullopt;
  const auto is_named = [&](X509* candidate) {
    if (name != nullptr) return X509_NAME_cmp(X509_get_subject_name(candidate), name) == 0;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_pubkey_digest(candidate, EVP_sha1(), digest.data(), &size) != 1) return false;
    return octets_of(key) == std::string_view(reinterpret_cast<const char*>(digest.data()), size);
  };
  if (is_named(need_.issuer.x509())) return need_.issuer;
  const STACK_OF(X509)* brought = OCSP_resp_get0_certs(basic_.get());
  for (int i = 0; i < sk_X509_num(brought); ++i)
    if (is_named(sk_X509_value(brought, i)))
      return Certificate::from_x509(sk_X509_value(brought, i));
  return std::nullopt;
}

Verdict Reading::check_signer() {
  signer_ = named_signer();
  if (!signer_)
    return Refusal{"the OCSP response is signed neither by the issuer " + quoted(need_.issuer) +
                   " nor by a responder whose certificate it brings along"};
  if (*signer_ == need_.issuer) return std::nullopt;
  return check_delegation(*signer_);
}

// RFC 6960 §4.2.2.2: issued by the authority itself, for this very purpose.
Verdict Reading::check_delegation(const Certificate& responder) const {
  X509* const x509 = responder.x509();
  const std::string who = "the OCSP responder " + quoted(responder);
  const bool is_issued = X509_check_issued(need_.issuer.x509(), x509) == X509_V_OK &&
                         need_.issuer.public_key() != nullptr &&
                         X509_verify(x509, need_.issuer.public_key()) == 1;
  if (!is_issued) return Refusal{who + " was not certified by " + quoted(need_.issuer)};
  const bool has_usage = (X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) != 0 &&
                         (X509_get_extended_key_usage(x509) & XKU_OCSP_SIGN) != 0;
  if (!has_usage) return Refusal{who + " is not certified for OCSP (id-kp-OCSPSigning)"};
  if ((X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE) == 0)
    return Refusal{who + " may not sign (its keyUsage)"};
  // RFC 5280 §4.1.2.5; a clock that goes wrong by five minutes is forgiven, as everywhere.
  if (at_ + skew < responder.not_before() || at_ - skew > responder.not_after())
    return Refusal{who + " has a certificate that is not valid now"};
  if (judge_signature(x509).strength == Strength::refused || !responder.is_well_formed())
    return Refusal{who + " has a certificate that cannot be relied on"};
  return std::nullopt;
}

Verdict Reading::check_algorithms() const {
  const Judged key = judge_key(signer_->public_key());
  const Judged signature = judge_signature(OCSP_resp_get0_tbs_sigalg(basic_.get()));
  for (const Judged& judged : {key, signature})
    if (judged.strength == Strength::refused || judged.strength == Strength::unsupported)
      return Refusal{"the OCSP response relies on " + judged.name + ", which is not accepted"};
  return std::nullopt;
}

// Who may sign was settled above, more strictly than OpenSSL does; its own check of the path is
// left on all the same. The issuer is the one thing to trust here, hence PARTIAL_CHAIN, and NOCHAIN
// because nothing may stand between it and the responder.
Verdict Reading::check_signature() const {
  const Store store(checked(X509_STORE_new(), "X509_STORE_new"));
  checked(X509_STORE_add_cert(store.get(), need_.issuer.x509()), "X509_STORE_add_cert");
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  // The times of the certificates were checked with our own clock and its skew.
  const Time last = signer_->not_after() - std::chrono::seconds(1);
  X509_VERIFY_PARAM_set_time(parameters,
                             to_unix(std::max(signer_->not_before(), std::min(at_, last))));
  const X509StackHandle issuer(checked(sk_X509_new_null(), "sk_X509_new_null"));
  checked(X509_add_cert(issuer.get(), need_.issuer.x509(), X509_ADD_FLAG_UP_REF), "X509_add_cert");
  if (OCSP_basic_verify(basic_.get(), issuer.get(), store.get(), OCSP_NOCHAIN) == 1)
    return std::nullopt;
  return Refusal{"the signature of the OCSP response is wrong: it was altered or is a forgery"};
}

std::string reason_word(int reason) {
  return reason < 0 ? std::string() : OCSP_crl_reason_str(reason);
}

Verdict Reading::take_answer() {
  const CertId id = certificate_id(EVP_sha1(), need_.certificate, need_.issuer);
  const int at = OCSP_resp_find(basic_.get(), id.get(), -1);
  if (at < 0) return Refusal{"the OCSP response is about other certificates"};
  if (OCSP_resp_find(basic_.get(), id.get(), at) >= 0)
    return Refusal{"the OCSP response answers twice for the same certificate"};
  OCSP_SINGLERESP* single = OCSP_resp_get0(basic_.get(), at);
  for (int i = 0; i < OCSP_SINGLERESP_get_ext_count(single); ++i)
    if (is_foreign(OCSP_SINGLERESP_get_ext(single, i)))
      return Refusal{"the OCSP response holds a critical extension that is not known here"};
  int reason = -1;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
  const auto this_update = to_time(from);
  const auto next_update = until == nullptr ? std::nullopt : to_time(until);
  if (!this_update || (until != nullptr && !next_update))
    return Refusal{"the OCSP response holds a time that cannot be read"};
  answer_ = {status_subject(need_.certificate, need_.issuer),
             OcspAnswer::Status::unknown,
             *this_update,
             next_update,
             from_unix(0),
             {},
             at_};
  if (status == V_OCSP_CERTSTATUS_GOOD) answer_.status = OcspAnswer::Status::good;
  if (status != V_OCSP_CERTSTATUS_REVOKED) return std::nullopt;
  answer_.status = OcspAnswer::Status::revoked;
  answer_.revoked_at = to_time(revoked).value_or(from_unix(0));
  answer_.reason = reason_word(reason);
  return std::nullopt;
}

// RFC 6960 §4.2.2.1. Not OCSP_check_validity: it knows the system's clock only.
Verdict Reading::check_times() const {
  if (answer_.next_update && *answer_.next_update < answer_.this_update)
    return Refusal{"the OCSP response ends before it begins"};
  if (answer_.is_current(at_)) return std::nullopt;
  if (answer_.this_update > at_)
    return Refusal{"the OCSP response is valid only from " + rfc3339(answer_.this_update)};
  return Refusal{"the OCSP response is out of date; it was made on " +
                 rfc3339(answer_.this_update)};
}

}  // namespace

std::string status_subject(const Certificate& certificate, const Certificate& issuer) {
  return sha256_hex(
      to_der(certificate_id(EVP_sha256(), certificate, issuer).get(), i2d_OCSP_CERTID));
}

// --- OcspAnswer

bool OcspAnswer::is_hold() const {
  return status == Status::revoked && reason == reason_word(OCSP_REVOKED_STATUS_CERTIFICATEHOLD);
}

bool OcspAnswer::is_current(Time at) const {
  const Time end = next_update.value_or(this_update + longest_cache);
  return this_update <= at + skew && at - skew <= end;
}

bool OcspAnswer::clears(Time at) const {
  return status == Status::good && is_current(at) && at <= taken + longest_cache;
}

bool OcspAnswer::revokes(Time at) const {
  return status == Status::revoked && (!is_hold() || is_current(at));
}

bool OcspAnswer::is_due(Time at) const {
  if (status == Status::revoked && !is_hold()) return false;
  // A responder that makes its answers in advance repeats one for days: what counts is when we were
  // last told, and until when it counts from there.
  const Time begin = std::max(this_update, taken);
  const Time end =
      std::min(next_update.value_or(this_update + longest_cache), taken + longest_cache);
  return at >= begin + (end - begin) / 2;
}

bool OcspAnswer::supersedes(const OcspAnswer& older) const {
  // RFC 5280 §5.3.1: only a hold can be lifted.
  const bool is_final = status == Status::revoked && !is_hold();
  const bool was_final = older.status == Status::revoked && !older.is_hold();
  if (is_final != was_final) return is_final;
  return this_update > older.this_update;
}

bool OcspAnswer::repeats(const OcspAnswer& other) const {
  OcspAnswer same = other;
  same.taken = taken;
  return *this == same;
}

// --- requests and responses

OcspRequest make_ocsp_request(const StatusNeed& need) {
  const Request request(checked(OCSP_REQUEST_new(), "OCSP_REQUEST_new"));
  CertId id = certificate_id(EVP_sha1(), need.certificate, need.issuer);
  static_cast<void>(checked(OCSP_request_add0_id(request.get(), id.get()), "OCSP_request_add0_id"));
  static_cast<void>(id.release());  // the request owns it now
  std::array<unsigned char, nonce_octets> nonce{};
  checked(RAND_bytes(nonce.data(), nonce_octets), "RAND_bytes");
  checked(OCSP_request_add1_nonce(request.get(), nonce.data(), nonce_octets),
          "OCSP_request_add1_nonce");
  OcspRequest made{to_der(request.get(), i2d_OCSP_REQUEST), octets_of_nonce(request.get())};
  if (made.der.size() > request_limit)
    throw Error(Fault::peer, "the certificate is too large to ask for its status");
  return made;
}

OcspReading read_ocsp_response(std::string_view octets, const StatusNeed& need,
                               const OcspRequest& asked, Time at) {
  return Reading(need, asked, at).read(octets);
}

}  // namespace siegel::pki
