#include "pki/trust.h"

#include <algorithm>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "pki/openssl.h"
#include "pki/path_findings.h"
#include "pki/path_issuers.h"
#include "pki/path_revocation.h"

namespace siegel::pki {
namespace {

constexpr int depth_limit = 8;
constexpr std::size_t helpers_limit = 10;
constexpr std::size_t candidates_limit = 100;

using StoreContext = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

std::shared_ptr<X509_STORE> make_store(const Trust::Material& material) {
  std::shared_ptr<X509_STORE> store(checked(X509_STORE_new(), "X509_STORE_new"), X509_STORE_free);
  for (const Anchor& anchor : material.anchors)
    checked(X509_STORE_add_cert(store.get(), anchor.certificate.x509()), "X509_STORE_add_cert");
  return store;
}

std::vector<const Certificate*> pointers(std::span<const Certificate> certificates) {
  std::vector<const Certificate*> all;
  all.reserve(certificates.size());
  for (const Certificate& certificate : certificates) all.push_back(&certificate);
  return all;
}

using Pointers = std::vector<const Certificate*>;

Pointers joined(Pointers first, const Pointers& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Those helpers that are looked at. Of more than ten, those first that lead upwards from the leaf:
/// whoever stands between us and a CA must not be able to push them out.
Pointers looked_at(const Certificate& leaf, std::span<const Certificate> helpers,
                   SignatureMemory& memory) {
  const Pointers all = pointers(helpers.first(std::min(helpers.size(), candidates_limit)));
  if (all.size() <= helpers_limit) return all;
  Pointers chosen = choose_issuers(leaf, all, memory);
  for (const Certificate* helper : all)
    if (std::ranges::find(chosen, helper) == chosen.end()) chosen.push_back(helper);
  chosen.resize(helpers_limit);
  return chosen;
}

/// One validation: what goes into OpenSSL's verification, and what came out.
class Path {
 public:
  struct Grounds {
    const Trust::Material& material;
    SignatureMemory& memory;
    const Pointers& rooted;
    const Pointers& strangers;
  };

  Path(const Grounds& grounds, const Certificate& leaf, const Pointers& helpers, Time at)
      : material_(grounds.material),
        memory_(grounds.memory),
        leaf_(leaf),
        at_(at),
        known_(joined(grounds.rooted, helpers)),
        issuers_(choose_issuers(leaf, known_, memory_, grounds.strangers)),
        at_hand_(joined(known_, grounds.strangers)),
        revocation_(material_, at_hand_, at) {}
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  /// Gives OpenSSL the lists that it may choose from, for the certificate that it is looking at.
  static STACK_OF(X509_CRL) *
      lists_for(const X509_STORE_CTX* context, const X509_NAME* issuer_name);

  /// Without a purpose it is not asked what the leaf is good for.
  PathResult validate(X509_STORE* store, std::optional<Purpose> purpose) {
    PathFindings findings(at_, material_.crl_grace);
    build(store, findings);
    check_issuers(findings);
    check_revocation(findings);
    check_answers(findings);
    check_clock(findings);
    check_form(findings);
    check_usage(purpose, findings);
    check_algorithms(findings);
    return result(findings);
  }

 private:
  void build(X509_STORE* store, PathFindings& findings);
  [[nodiscard]] X509StackHandle untrusted() const;
  void set_parameters(X509_STORE_CTX* context) const;
  void take_chain(X509_STORE_CTX* context);
  [[nodiscard]] Certificate known(X509* x509) const;
  void find_anchor();

  void check_issuers(PathFindings& findings) const;
  void check_revocation(PathFindings& findings) const;
  void check_answers(PathFindings& findings);
  void check_answer(std::size_t depth, PathFindings& findings);
  [[nodiscard]] StatusNeed step_at(std::size_t depth) const;
  [[nodiscard]] const OcspAnswer* answer_for(const StatusNeed& need) const;
  void check_clock(PathFindings& findings) const;
  [[nodiscard]] bool is_clock_adrift() const;
  [[nodiscard]] bool is_clock_wrong() const {
    return at_ < material_.earliest || is_clock_adrift();
  }
  void check_form(PathFindings& findings) const;
  void check_usage(std::optional<Purpose> purpose, PathFindings& findings) const;
  void check_algorithms(PathFindings& findings);
  void judge(const Judged& judged, const Certificate& certificate, PathFindings& findings);
  [[nodiscard]] PathResult result(const PathFindings& findings) const;

  const Trust::Material& material_;
  SignatureMemory& memory_;
  const Certificate& leaf_;
  const Time at_;
  const Pointers known_;    // those that lead to an anchor, and those of the message
  const Pointers issuers_;  // chosen from all
  const Pointers at_hand_;  // all
  PathRevocation revocation_;
  std::vector<Certificate> chain_;
  std::vector<StatusNeed> wanted_;
  const Anchor* anchor_ = nullptr;  // that ends the chain
  Strength strength_ = Strength::ok;
  std::string weakness_;
};

int path_slot() {
  static const int slot = X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

STACK_OF(X509_CRL) * Path::lists_for(const X509_STORE_CTX* context,
                                     const X509_NAME* /*issuer_name*/) {
  const X509_STORE_CTX* outer = context;  // that of a list's own issuer has a parent
  while (const X509_STORE_CTX* parent = X509_STORE_CTX_get0_parent_ctx(outer)) outer = parent;
  const auto& path = *static_cast<const Path*>(X509_STORE_CTX_get_ex_data(outer, path_slot()));
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context);
  const int above = std::min(X509_STORE_CTX_get_error_depth(context) + 1, sk_X509_num(chain) - 1);
  STACK_OF(X509_CRL)* lists = sk_X509_CRL_new_null();
  for (const Crl* list : path.revocation_.lists_of(path.known(sk_X509_value(chain, above))))
    if (sk_X509_CRL_push(lists, list->x509_crl()) > 0) X509_CRL_up_ref(list->x509_crl());
  return lists;
}

void Path::build(X509_STORE* store, PathFindings& findings) {
  const X509StackHandle helpers = untrusted();
  const StoreContext context(checked(X509_STORE_CTX_new(), "X509_STORE_CTX_new"));
  checked(X509_STORE_CTX_init(context.get(), store, leaf_.x509(), helpers.get()),
          "X509_STORE_CTX_init");
  set_parameters(context.get());
  checked(X509_STORE_CTX_set_ex_data(context.get(), path_slot(), this),
          "X509_STORE_CTX_set_ex_data");
  findings.listen(context.get());
  // Every finding lets the verification go on; if it ends early all the same, nothing is known.
  if (X509_verify_cert(context.get()) != 1)
    findings.add(PathStatus::untrusted, "the path of the certificate could not be checked");
  take_chain(context.get());
  find_anchor();
  static_cast<void>(drain_openssl_errors());
}

// The chosen issuers come first: OpenSSL takes the first that fits. The rest of the operator's own
// helpers may be needed to check a revocation list that another key of the authority signed.
X509StackHandle Path::untrusted() const {
  X509StackHandle stack(checked(sk_X509_new_null(), "sk_X509_new_null"));
  const auto push = [&](const Certificate& certificate) {
    checked(X509_add_cert(stack.get(), certificate.x509(), X509_ADD_FLAG_UP_REF), "X509_add_cert");
  };
  for (const Certificate* issuer : issuers_) push(*issuer);
  for (const Certificate& helper : material_.intermediates) push(helper);
  return stack;
}

// STANDARDS §5.1. Never PARTIAL_CHAIN: it makes an anchor of anything in the store. Security level
// 0, because level 2 would end the verification on a weak key but let SHA-1 pass (STANDARDS §0.1):
// check_algorithms looks at every certificate of the path instead.
void Path::set_parameters(X509_STORE_CTX* context) const {
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_depth(parameters, depth_limit);
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);
  X509_VERIFY_PARAM_set_time(parameters, to_unix(at_));
  unsigned long flags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                        X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS;
  if (material_.settings.strict_x509) flags |= X509_V_FLAG_X509_STRICT;
  checked(X509_VERIFY_PARAM_set_flags(parameters, flags), "X509_VERIFY_PARAM_set_flags");
}

void Path::take_chain(X509_STORE_CTX* context) {
  STACK_OF(X509)* built = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(built); ++i) chain_.push_back(known(sk_X509_value(built, i)));
  if (chain_.empty()) chain_.push_back(leaf_);
}

Certificate Path::known(X509* x509) const {
  if (leaf_.x509() == x509) return leaf_;
  for (const Certificate* certificate : at_hand_)
    if (certificate->x509() == x509) return *certificate;
  for (const Anchor& anchor : material_.anchors)
    if (anchor.certificate.x509() == x509) return anchor.certificate;
  return Certificate::share(x509);
}

void Path::find_anchor() {
  const auto found = std::ranges::find(material_.anchors, chain_.back(), &Anchor::certificate);
  if (found != material_.anchors.end()) anchor_ = &*found;
}

// OpenSSL passes over an issuer that must not be one, as if it were not there.
void Path::check_issuers(PathFindings& findings) const {
  if (anchor_ != nullptr) return;
  if (const Certificate* unfit = unfit_issuer(chain_.back(), at_hand_, memory_))
    findings.add(PathStatus::untrusted,
                 "“" + unfit->subject() + "”" + unfit_to_issue(unfit->x509()));
}

void Path::check_revocation(PathFindings& findings) const {
  for (std::size_t depth = 0; depth < chain_.size(); ++depth) {
    if (!revocation_.revokes(chain_, depth)) continue;
    const Certificate& certificate = chain_[depth];
    const std::string who =
        depth == 0 ? "the certificate"
                   : "the certificate of the authority “" + certificate.subject() + "”";
    findings.add(PathStatus::revoked, who + " was revoked by “" + certificate.issuer() + "”");
  }
}

// Every step of the path but the anchor, whose revocation is the operator's affair (RFC 5280 §6.1).
void Path::check_answers(PathFindings& findings) {
  if (anchor_ == nullptr || chain_.size() < 2) return;
  findings.drop_unchecked(static_cast<int>(chain_.size()) - 1);
  for (std::size_t depth = 0; depth + 1 < chain_.size(); ++depth) check_answer(depth, findings);
}

// STANDARDS §5.4: revoked by either is revoked, good by either is known.
void Path::check_answer(std::size_t depth, PathFindings& findings) {
  const StatusNeed step = step_at(depth);
  const OcspAnswer* answer = answer_for(step);
  const int at = static_cast<int>(depth);
  const bool is_fresh = answer != nullptr && answer->is_current(at_) && !answer->is_due(at_);
  if (!is_fresh && (findings.is_unchecked(at) || revocation_.is_due(step.issuer)))
    wanted_.push_back(step);
  if (answer == nullptr) return;
  if (answer->clears(at_)) findings.drop_unchecked(at);
  if (answer->revokes(at_))
    findings.add(PathStatus::revoked, "“" + step.certificate.subject() + "” was revoked by “" +
                                          step.issuer.subject() + "”, as its OCSP responder says");
}

StatusNeed Path::step_at(std::size_t depth) const {
  StatusNeed step{chain_[depth], chain_[depth + 1]};
  for (std::size_t above = depth + 2; above + 1 < chain_.size(); ++above)
    step.above.push_back(chain_[above]);
  return step;
}

const OcspAnswer* Path::answer_for(const StatusNeed& need) const {
  if (material_.answers.empty()) return nullptr;
  const auto found = material_.answers.find(status_subject(need.certificate, need.issuer));
  return found == material_.answers.end() ? nullptr : &found->second;
}

bool Path::is_clock_adrift() const {
  return material_.settings.synchronised_clock &&
         !(material_.is_synchronised && material_.is_synchronised());
}

// Not the path's fault, so that the sender may try again.
void Path::check_clock(PathFindings& findings) const {
  if (!is_clock_wrong()) return;
  const std::string why =
      is_clock_adrift() ? "is not synchronised" : "is wrong, it shows " + rfc3339(at_);
  findings.add(PathStatus::unchecked_revocation,
               "the clock of this gateway " + why + "; nothing can be checked by it");
}

void Path::check_form(PathFindings& findings) const {
  for (const Certificate& certificate : chain_)
    if (!certificate.is_well_formed())
      findings.add(PathStatus::untrusted,
                   "“" + certificate.subject() + "” holds an extension that cannot be read");
}

// Not OpenSSL's purposes: smimeencrypt refuses EC keys with keyAgreement alone (STANDARDS §0.7),
// smimesign refuses anyExtendedKeyUsage (RFC 8550 §4.4.4).
void Path::check_usage(std::optional<Purpose> purpose, PathFindings& findings) const {
  const bool any = material_.settings.any_extended_key_usage;
  if (purpose == Purpose::sign && !leaf_.may_sign(any))
    findings.add(PathStatus::unfit, "the certificate is not meant for signing mail");
  if (purpose == Purpose::encrypt && !leaf_.may_encrypt(any))
    findings.add(PathStatus::unfit, "the certificate is not meant for encrypting mail");
  for (const Certificate& certificate : chain_) {
    // RFC 5280 §6.1: what an anchor says of itself is the operator's affair.
    const bool is_anchor = anchor_ != nullptr && certificate == anchor_->certificate;
    if (!is_anchor && certificate != leaf_ && !certificate.allows_mail(any))
      findings.add(PathStatus::unfit, "the authority “" + certificate.subject() +
                                          "” is not meant for mail certificates");
  }
}

// The anchor's signature on itself proves nothing and is not judged; its key is.
void Path::check_algorithms(PathFindings& findings) {
  for (const Certificate& certificate : chain_) {
    judge(judge_key(certificate.public_key()), certificate, findings);
    const bool is_anchor = anchor_ != nullptr && certificate == anchor_->certificate;
    if (!is_anchor) judge(judge_signature(certificate.x509()), certificate, findings);
  }
}

void Path::judge(const Judged& judged, const Certificate& certificate, PathFindings& findings) {
  if (worse(strength_, judged.strength) != strength_) {
    strength_ = judged.strength;
    weakness_ = judged.name + " of “" + certificate.subject() + "”";
  }
  if (judged.strength == Strength::refused)
    findings.add(PathStatus::weak, "“" + certificate.subject() + "” relies on " + judged.name +
                                       ", which is not accepted");
  if (judged.strength == Strength::unsupported)
    findings.add(PathStatus::weak, "“" + certificate.subject() + "” relies on " + judged.name +
                                       ", which is not supported yet");
}

PathResult Path::result(const PathFindings& findings) const {
  PathResult result;
  result.chain = chain_;
  result.strength = strength_;
  result.soft_fail = anchor_ != nullptr && !is_clock_wrong() &&
                     anchor_->revocation == config::RevocationMode::soft_fail;
  if (const Finding* worst = findings.worst()) {
    result.status = worst->status;
    result.reason = worst->reason;
  } else if (anchor_ == nullptr) {
    result.status = PathStatus::untrusted;
    result.reason = "the path ends at no trust anchor";
  } else {
    result.status = PathStatus::trusted;
    result.reason = "trusted through “" + anchor_->certificate.subject() + "”";
    if (strength_ == Strength::weak) result.reason += "; " + weakness_ + " counts as weak";
  }
  const bool is_sound =
      result.status == PathStatus::trusted || result.status == PathStatus::unchecked_revocation;
  if (anchor_ != nullptr && is_sound && !is_clock_wrong()) result.wanted = wanted_;
  return result;
}

}  // namespace

Trust::Trust(Material material)
    : material_(std::move(material)),
      store_(make_store(material_)),
      memory_(std::make_shared<SignatureMemory>()) {
  X509_STORE_set_lookup_crls(store_.get(), &Path::lists_for);
  Pointers anchors;
  for (const Anchor& anchor : material_.anchors) anchors.push_back(&anchor.certificate);
  rooted_ = rooted_in(anchors, pointers(material_.intermediates), *memory_);
  for (const Certificate& helper : material_.intermediates)
    if (std::ranges::find(rooted_, &helper) == rooted_.end()) strangers_.push_back(&helper);
}

PathResult Trust::validate(const Certificate& leaf, std::span<const Certificate> helpers,
                           Purpose purpose, Time at) const {
  return Path({material_, *memory_, rooted_, strangers_}, leaf, looked_at(leaf, helpers, *memory_),
              at)
      .validate(store_.get(), purpose);
}

PathResult Trust::check(const StatusNeed& need, Time at) const {
  Pointers helpers{&need.issuer};
  for (const Certificate& authority : need.above) helpers.push_back(&authority);
  return Path({material_, *memory_, rooted_, strangers_}, need.certificate, helpers, at)
      .validate(store_.get(), std::nullopt);
}

bool Trust::wants(const StatusNeed& need, Time at) const {
  const auto wanted = check(need, at).wanted;
  const auto subject = status_subject(need.certificate, need.issuer);
  return std::ranges::any_of(wanted, [&](const StatusNeed& other) {
    return status_subject(other.certificate, other.issuer) == subject;
  });
}

}  // namespace siegel::pki
