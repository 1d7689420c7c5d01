#include "pki/enrol/cmp.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pki/asn1.h"
#include "pki/enrol/cmp_context.h"
#include "pki/enrol/cmp_conversation.h"
#include "pki/enrol/cmp_refusal.h"
#include "pki/enrol/http.h"
#include "pki/enrol/next_try.h"

namespace siegel::pki::enrol {
namespace {

using RequestHandle = Handle<X509_REQ, X509_REQ_free>;

constexpr std::size_t transaction_limit = std::size_t{64} << 10U;
constexpr int chain_limit = 32;

Error bad_settings(const std::string& what) {
  return {Fault::ours, "the CA profile cannot be used: " + what};
}

void check(const config::CmpSettings& settings) {
  const bool has_identity = settings.certificate && settings.key;
  if (settings.secret.has_value() == has_identity ||
      settings.certificate.has_value() != settings.key.has_value())
    throw bad_settings("give either cmp.secret, or cmp.certificate and cmp.key");
  if (settings.secret && settings.reference.empty())
    throw bad_settings("cmp.reference is missing; the CA gave it together with the secret");
  if (has_identity && !settings.authority)
    throw bad_settings("cmp.authority is missing; without it the CA's answers cannot be verified");
}

/// Nothing for plain HTTP.
std::optional<TlsRules> tls_rules(const config::CmpSettings& settings) {
  if (!ascii::starts_ignoring_case(settings.url, "https://")) return std::nullopt;
  if (!settings.tls_authority)
    throw bad_settings("cmp.tls_authority is missing; it says whose server we believe");
  return TlsRules{read_certificates(*settings.tls_authority, "cmp.tls_authority"),
                  {},
                  "the host in cmp.url, and the certificates in cmp.tls_authority"};
}

// RFC 6712 §3: POST, application/pkixcmp, and status 200 whatever the message says.
Cmp::Post post_to(const config::CmpSettings& settings) {
  const auto rules = tls_rules(settings);
  const HttpPlace place = parse_url(settings.url, rules ? Scheme::https : Scheme::http, "cmp.url");
  return [place, rules](const std::string& message) {
    const HttpRequest request{place.path, "application/pkixcmp", message, {}};
    HttpAnswer answer = rules ? ask(place, request, *rules) : ask(place, request);
    if (answer.status == 200) return std::move(answer.body);
    throw Error(
        Fault::world,
        "the server answers " + std::to_string(answer.status) + ' ' + printable(answer.reason, 80) +
            (answer.location ? ", and names " + printable(*answer.location) : std::string()) +
            "; check cmp.url");
  };
}

/// OpenSSL asks it before a certificate is confirmed.
struct Confirmation {
  EVP_PKEY* key;
  bool is_foreign = false;

  static int decide(OSSL_CMP_CTX* context, X509* certificate, int failure, const char** text) {
    auto& self = *static_cast<Confirmation*>(OSSL_CMP_CTX_get_certConf_cb_arg(context));
    if (failure == 0 && X509_check_private_key(certificate, self.key) == 1) return 0;
    self.is_foreign = true;
    *text = "the certificate is not for the key of the request";
    return OSSL_CMP_CTX_FAILINFO_incorrectData;
  }

  void attach(OSSL_CMP_CTX* context) {
    checked(OSSL_CMP_CTX_set_certConf_cb(context, decide), "set_certConf_cb");
    checked(OSSL_CMP_CTX_set_certConf_cb_arg(context, this), "set_certConf_cb_arg");
  }
};

std::optional<Identity> own_identity(const Submission& submission) {
  if (!submission.present) return std::nullopt;
  return Identity{submission.present->certificate, submission.present->key};
}

void describe(OSSL_CMP_CTX* context, const Submission& submission) {
  const RequestHandle csr(from_der_exactly<X509_REQ>(submission.csr, d2i_X509_REQ, X509_REQ_free));
  if (!csr) throw Error(Fault::ours, "the stored certification request cannot be read");
  checked(OSSL_CMP_CTX_set1_p10CSR(context, csr.get()), "set1_p10CSR");
  checked(EVP_PKEY_up_ref(submission.key.get()), "EVP_PKEY_up_ref");
  checked(OSSL_CMP_CTX_set0_newPkey(context, 1, submission.key.get()), "set0_newPkey");
  if (submission.present)
    checked(OSSL_CMP_CTX_set1_oldCert(context, submission.present->certificate.x509()),
            "set1_oldCert");
  // A template is filled from the request alone, not from a certificate that signs the message.
  checked(OSSL_CMP_CTX_set_option(context, OSSL_CMP_OPT_SUBJECTALTNAME_NODEFAULT, 1), "NODEFAULT");
}

using NameHandle = Handle<X509_NAME, X509_NAME_free>;

/// The template of an ir names no issuer (RFC 9483 §4.1.1: it may be left out): OpenSSL would take
/// that of the certificate which signs the message, and this may come from another CA.
void leave_issuer_to_authority(OSSL_CMP_CTX* context) {
  const NameHandle nobody(checked(X509_NAME_new(), "X509_NAME_new"));
  checked(OSSL_CMP_CTX_set1_issuer(context, nobody.get()), "set1_issuer");
}

/// A transaction goes on as it was begun, whatever the profile says by now.
CmpBody request_for(const Submission& submission, const config::CmpSettings& settings,
                    const Conversation& conversation) {
  if (const auto begun = conversation.begun_with()) return *begun;
  if (submission.present) return CmpBody::key_update_request;
  return settings.message == config::CmpMessage::ir ? CmpBody::initial_request
                                                    : CmpBody::pkcs10_request;
}

void add_all(std::vector<Certificate>& chain, const X509StackHandle& stack,
             const Certificate& leaf) {
  for (int i = 0; i < sk_X509_num(stack.get()) && i < chain_limit; ++i) {
    auto one = Certificate::from_x509(sk_X509_value(stack.get(), i));
    if (one && *one != leaf && std::ranges::find(chain, *one) == chain.end())
      chain.push_back(*std::move(one));
  }
}

Answer take_issued(const OSSL_CMP_CTX* context) {
  auto leaf = Certificate::from_x509(checked(OSSL_CMP_CTX_get0_newCert(context), "newCert"));
  if (!leaf)
    return Refused{
        "the CA issued a certificate larger than 64 KiB; it is not used; ask the CA's operator "
        "for a smaller one, and start the request anew"};
  Issued issued{*std::move(leaf), {}};
  add_all(issued.chain, X509StackHandle(OSSL_CMP_CTX_get1_extraCertsIn(context)),
          issued.certificate);
  add_all(issued.chain, X509StackHandle(OSSL_CMP_CTX_get1_caPubs(context)), issued.certificate);
  return issued;
}

Answer wait(const Conversation& conversation, Time when) {
  std::string transaction = conversation.transaction();
  if (transaction.size() > transaction_limit)
    return Unreachable{
        "the CA's answer that we have to wait is larger than 64 KiB and is not kept; ask the CA's "
        "operator to send fewer certificates with it"};
  return Waiting{std::move(transaction), when};
}

/// One certification request, from its first message or from a stored transaction.
class Exchange {
 public:
  Exchange(const Submission& submission, CmpContext context, CmpBody request,
           Conversation& conversation)
      : type_(static_cast<int>(request)),
        is_new_(conversation.is_new()),
        context_(std::move(context)),
        conversation_(conversation),
        confirmation_{submission.key.get()} {
    describe(context_.get(), submission);
    if (request == CmpBody::initial_request) leave_issuer_to_authority(context_.get());
    conversation.attach(context_.get());
    confirmation_.attach(context_.get());
  }

  [[nodiscard]] Answer run(Time now) {
    int result = -1;
    int after = 0;
    // A replayed pollRep says "later" as well; only one that the CA has sent just now counts.
    while (result == -1 && conversation_.heard() == 0 && conversation_.failure().empty())
      result = OSSL_CMP_try_certreq(context_.get(), type_, nullptr, &after);
    if (result == -1) return wait(conversation_, next_try(now, std::chrono::seconds(after)));
    if (result != 1 || confirmation_.is_foreign) return explain(now);
    static_cast<void>(drain_openssl_errors());
    return take_issued(context_.get());
  }

 private:
  [[nodiscard]] Answer explain(Time now) const {
    const CmpStatus status = CmpStatus::of(context_.get());
    const std::string why = why_unheard(conversation_);
    if (confirmation_.is_foreign)
      return Refused{
          "the CA issued a certificate for another key; it was rejected and is not used; tell the "
          "CA's operator, and start the request anew"};
    if (status.is_rejection() && status.will_pass()) return Unreachable{status.reason()};
    if (status.is_rejection()) return Refused{status.reason()};
    // The CA has the request: to send it again would make two of it.
    if (is_new_ && status.is_waiting() && !conversation_.failure().empty())
      return wait(conversation_, next_try(now, {}));
    if (OSSL_CMP_CTX_get0_newCert(context_.get()) != nullptr)
      return Unreachable{"the certificate was issued, but could not be confirmed to the CA: " +
                         why};
    return Unreachable{why};
  }

  int type_;
  bool is_new_;
  CmpContext context_;
  Conversation& conversation_;
  Confirmation confirmation_;
};

}  // namespace

Cmp::Cmp(const config::CmpSettings& settings, const Clock& clock)
    : Cmp(settings, clock, post_to(settings)) {}

Cmp::Cmp(config::CmpSettings settings, const Clock& clock, Post post)
    : settings_(std::move(settings)), clock_(clock), post_(std::move(post)) {
  check(settings_);
  // A file that cannot be used is told before anything is sent.
  static_cast<void>(make_cmp_context(settings_, std::nullopt, clock_.now()));
}

Answer Cmp::submit(const Submission& submission) {
  Conversation conversation(&post_, {});
  return converse(submission, conversation);
}

Answer Cmp::poll(const Submission& submission, const std::string& transaction) {
  Conversation conversation(&post_, transaction);
  if (conversation.is_new())
    return Refused{
        "what is stored of this transaction cannot be read; begin it anew with `siegel enrol "
        "retry`"};
  return converse(submission, conversation);
}

Answer Cmp::converse(const Submission& submission, Conversation& conversation) const {
  const Time now = clock_.now();
  return Exchange(submission, make_cmp_context(settings_, own_identity(submission), now),
                  request_for(submission, settings_, conversation), conversation)
      .run(now);
}

RevocationAnswer Cmp::revoke(const Certificate& certificate, const PrivateKey& key,
                             RevocationReason reason) {
  Conversation conversation(&post_, {});
  const CmpContext context = make_cmp_context(settings_, Identity{certificate, key}, clock_.now());
  checked(OSSL_CMP_CTX_set1_oldCert(context.get(), certificate.x509()), "set1_oldCert");
  checked(OSSL_CMP_CTX_set_option(context.get(), OSSL_CMP_OPT_REVOCATION_REASON,
                                  static_cast<int>(reason)),
          "REVOCATION_REASON");
  conversation.attach(context.get());
  if (OSSL_CMP_exec_RR_ses(context.get()) == 1) return Done{};
  const CmpStatus status = CmpStatus::of(context.get());
  if (!status.is_rejection()) return Unreachable{why_unheard(conversation)};
  static_cast<void>(drain_openssl_errors());
  if (status.is_revoked_already()) return Done{};
  if (status.will_pass()) return Unreachable{status.reason()};
  return Refused{status.reason()};
}

}  // namespace siegel::pki::enrol
