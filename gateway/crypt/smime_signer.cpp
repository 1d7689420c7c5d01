#include "gateway/crypt/smime_signer.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "gateway/crypt/smime_algorithms.h"
#include "gateway/crypt/smime_attributes.h"
#include "gateway/crypt/smime_cms.h"
#include "pki/algorithms.h"
#include "pki/recipient_id.h"

namespace siegel::crypt::smime {

namespace {

using pki::PathStatus;
using pki::Strength;
using policy::Status;

constexpr std::size_t max_certificates = 10;
constexpr auto clock_tolerance = std::chrono::minutes(5);  // STANDARDS §2.8, §5.4

// The certificate that the SignerIdentifier names; null if the message does not bring it.
X509* find_certificate(CMS_SignerInfo* signer, const STACK_OF(X509) * certificates) {
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    X509* const x509 = sk_X509_value(certificates, i);
    if (CMS_SignerInfo_cert_cmp(signer, x509) == 0) return x509;
  }
  return nullptr;
}

// The signer's first, then the others as they came. One that is too large is as good as absent.
std::vector<pki::Certificate> take_certificates(const std::optional<pki::Certificate>& first,
                                                const STACK_OF(X509) * certificates) {
  std::vector<pki::Certificate> taken;
  if (first) taken.push_back(*first);
  const int looked_at = std::min(sk_X509_num(certificates), static_cast<int>(max_certificates));
  for (int i = 0; i < looked_at && taken.size() < max_certificates; ++i) {
    auto other = pki::Certificate::from_x509(sk_X509_value(certificates, i));
    if (other && other != first) taken.push_back(*std::move(other));
  }
  return taken;
}

Status status_of(PathStatus path) {
  switch (path) {
    case PathStatus::trusted:
      return Status::good;
    case PathStatus::unknown_issuer:
      return Status::unknown_signer;
    case PathStatus::untrusted:
    case PathStatus::unfit:
      return Status::untrusted;
    case PathStatus::expired:
    case PathStatus::not_yet_valid:
      return Status::expired;
    case PathStatus::revoked:
      return Status::revoked;
    case PathStatus::unchecked_revocation:
      return Status::unchecked_revocation;
    case PathStatus::weak:
      return Status::weak;
  }
  return Status::untrusted;
}

// One examination; its steps stand in run(), in the order in which they may be believed.
class Examination {
 public:
  Examination(CMS_SignerInfo* signer, Covered& covered)
      : signer_(signer), covered_(covered), said_(read_signed_attributes(signer)) {}

  Examined run(const STACK_OF(X509) * certificates, const Measure& measure) {
    introduce(certificates);
    auto finding = check_digest();
    if (!finding) finding = check_certificate();
    if (!finding) finding = check_signature();
    if (finding) {
      conclude(*finding);
      return std::move(result_);
    }
    believe_attributes();
    judge_path(measure);
    judge_strength(measure);
    judge_signing_time(measure.at);
    return std::move(result_);
  }

 private:
  policy::Layer& layer() { return result_.verified.layer; }
  const std::optional<pki::Certificate>& certificate() const { return result_.verified.signer; }
  void conclude(const Finding& finding) {
    layer().status = finding.status;
    layer().reason = finding.reason;
  }
  // True if nothing was found that says more than `weak` does.
  bool is_still_fine() {
    return layer().status == Status::good || layer().status == Status::unchecked_revocation;
  }

  void introduce(const STACK_OF(X509) * certificates);
  std::optional<Finding> check_digest();
  std::optional<Finding> check_certificate();
  std::optional<Finding> check_signature();
  void believe_attributes();
  void judge_path(const Measure& measure);
  void judge_strength(const Measure& measure);
  [[nodiscard]] std::string why_weak(Strength own);
  void judge_signing_time(Time at);

  CMS_SignerInfo* signer_;
  Covered& covered_;
  SignedAttributes said_;
  Strength path_strength_ = Strength::ok;
  Examined result_;
};

// Who claims to have signed.
void Examination::introduce(const STACK_OF(X509) * certificates) {
  Verified& verified = result_.verified;
  const X509* const x509 = find_certificate(signer_, certificates);
  if (x509 != nullptr) verified.signer = pki::Certificate::from_x509(x509);
  verified.certificates = take_certificates(verified.signer, certificates);
  if (!verified.signer) return;
  const pki::Certificate& own = *verified.signer;
  verified.signer_addresses = own.addresses();
  if (!own.addresses().empty()) layer().signer = own.addresses().front();
  layer().issuer = own.issuer();
  layer().serial = own.serial();
  layer().algorithm = describe_algorithms(signer_, own.public_key());
}

std::optional<Finding> Examination::check_digest() {
  if (auto finding = check_algorithms(signer_)) return finding;
  if (!said_.defect.empty()) return Finding{Status::bad, said_.defect};
  const std::string& actual = covered_.digest(digest_nid(signer_));
  if (actual.empty())
    return Finding{Status::unsupported, "the digest algorithm of the signature is not supported"};
  result_.digest_fits = same_digest(actual, said_.message_digest);
  if (!result_.digest_fits)
    return Finding{Status::bad, "the message was changed after it was signed"};
  return std::nullopt;
}

std::optional<Finding> Examination::check_certificate() {
  if (!certificate())
    return Finding{
        Status::no_certificate,
        "the signer's certificate did not come with the message, or is larger than 64 KiB: nobody "
        "knows who signed"};
  if (certificate()->public_key() == nullptr)
    return Finding{Status::unsupported,
                   "the kind of key in the signer's certificate is not supported"};
  if (!fits_key(signer_, certificate()->public_key()))
    return Finding{Status::bad, "the signature is not of the kind of key that the certificate has"};
  // R-28, RFC 5035 §2: the same name and number on another certificate is a substitution.
  if (!std::ranges::all_of(said_.signing_certificates, [this](const CertificateName& name) {
        return names(name, *certificate());
      }))
    return Finding{Status::bad, "the signature was made with another certificate"};
  return std::nullopt;
}

std::optional<Finding> Examination::check_signature() {
  // OpenSSL refuses a signature for some of them; anybody may have added them on the way.
  while (CMS_unsigned_get_attr_count(signer_) > 0)
    X509_ATTRIBUTE_free(CMS_unsigned_delete_attr(signer_, 0));
  CMS_SignerInfo_set1_signer_cert(signer_, certificate()->x509());
  if (CMS_SignerInfo_verify(signer_) != 1)
    return Finding{Status::bad, "the signature is wrong: it was not made with this certificate"};
  return std::nullopt;
}

// From here on the attributes are the signer's own words.
void Examination::believe_attributes() {
  Verified& verified = result_.verified;
  verified.is_authentic = true;
  verified.signing_time = said_.signing_time;
  verified.capabilities = said_.capabilities;
  if (!said_.preferred) return;
  for (const pki::Certificate& candidate : verified.certificates)
    if (pki::names(*said_.preferred, candidate))
      verified.preferred_fingerprint = candidate.fingerprint();
}

void Examination::judge_path(const Measure& measure) {
  const auto& all = result_.verified.certificates;
  const std::span<const pki::Certificate> helpers = std::span(all).subspan(1);
  pki::PathResult path =
      measure.trust.validate(*certificate(), helpers, pki::Purpose::sign, measure.at);
  conclude({status_of(path.status), std::move(path.reason)});
  layer().soft_fail = path.soft_fail && layer().status == Status::unchecked_revocation;
  result_.verified.chain = std::move(path.chain);
  result_.verified.wanted = std::move(path.wanted);
  path_strength_ = path.strength;
}

// `own`: of the signature itself. A path that is refused never gets here: it has its own status.
std::string Examination::why_weak(Strength own) {
  if (own == Strength::weak) return layer().algorithm + " is weak by today's standards";
  if (own != Strength::ok) return layer().algorithm + " is too weak to prove anything";
  // A trusted path says itself which of its certificates is weak.
  if (layer().status == Status::good) return layer().reason;
  return "an algorithm of the certificates above the signer's is weak by today's standards";
}

void Examination::judge_strength(const Measure& measure) {
  const auto digest = pki::judge_digest(digest_nid(signer_));
  const auto key = pki::judge_key(certificate()->public_key());
  const Strength strength = pki::worse(pki::worse(digest.strength, key.strength), path_strength_);
  if (strength == Strength::ok || !is_still_fine()) return;
  const bool accepted = strength == Strength::weak && measure.settings.weak_is_good;
  // An unknown revocation status says more than a weakness that the tenant accepts.
  if (accepted && layer().status == Status::unchecked_revocation) return;
  conclude({Status::weak, why_weak(pki::worse(digest.strength, key.strength))});
  layer().accepted_weak = accepted;
  layer().soft_fail = false;
}

// RFC 8551 §2.5.1: a claim, not a proof; a lie is told by it nevertheless. What the certificate is
// not worth says more.
void Examination::judge_signing_time(Time at) {
  const auto& time = result_.verified.signing_time;
  if (!time || (!is_still_fine() && layer().status != Status::weak)) return;
  if (*time > at + clock_tolerance)
    return conclude({Status::bad, "the signing time lies in the future"});
  const bool within = *time + clock_tolerance >= certificate()->not_before() &&
                      *time - clock_tolerance <= certificate()->not_after();
  if (within) return;
  conclude({Status::expired, "the certificate was not valid at the signing time"});
}

}  // namespace

const std::string& Covered::digest(int nid) {
  const auto known = digests_.find(nid);
  if (known != digests_.end()) return known->second;
  return digests_.emplace(nid, digest_of(octets_, nid)).first->second;
}

Examined examine(CMS_SignerInfo* signer, const STACK_OF(X509) * certificates, Covered& covered,
                 const Measure& measure) {
  return Examination(signer, covered).run(certificates, measure);
}

int badness(const policy::Layer& layer) noexcept {
  switch (layer.status) {
    case Status::good:
      return 0;
    case Status::weak:
      return layer.accepted_weak ? 1 : 3;
    case Status::unchecked_revocation:
      return 2;
    case Status::no_certificate:
    case Status::unknown_signer:
      return 4;
    case Status::untrusted:
      return 5;
    case Status::expired:
      return 6;
    case Status::revoked:
      return 7;
    case Status::unsupported:
    case Status::malformed:
    case Status::no_key:
      return 8;
    case Status::bad:
      break;
  }
  return 9;
}

}  // namespace siegel::crypt::smime
