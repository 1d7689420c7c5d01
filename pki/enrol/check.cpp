#include "pki/enrol/check.h"

#include <algorithm>

#include "base/error.h"
#include "pki/path_issuers.h"
#include "pki/trust.h"

namespace siegel::pki::enrol {
namespace {

/// Of all authorities that came along, those that lead upwards from `leaf`: a delivery may bring
/// more of them than a path validation looks at.
std::vector<Certificate> on_the_way_up(const Certificate& leaf,
                                       const std::vector<Certificate>& authorities,
                                       const Trust& trust) {
  std::vector<const Certificate*> at_hand;
  for (const Certificate& known : trust.material().intermediates) at_hand.push_back(&known);
  for (const Certificate& authority : authorities) at_hand.push_back(&authority);
  SignatureMemory memory;
  std::vector<Certificate> way;
  for (const Certificate* step : choose_issuers(leaf, at_hand, memory)) way.push_back(*step);
  return way;
}

/// What came of looking at a certificate.
struct Finding {
  std::vector<std::string> misfits;
  std::vector<Certificate> path;  ///< as far as it was built
};

/// Gathers what is wrong with one certificate.
class Examination {
 public:
  Examination(const Office& office, const Request& request, const Certificate& certificate)
      : office_(office), request_(request), certificate_(certificate) {}

  Finding run(const std::vector<Certificate>& helpers) {
    if (certificate_.key_id() != request_.key_id)
      complain("is for another key than the request's; ask for one for the request as it is");
    check_address();
    check_usage();
    check_validity();
    check_path(helpers);
    check_serial();
    return {std::move(misfits_), std::move(path_)};
  }

 private:
  void complain(std::string text) { misfits_.push_back(std::move(text)); }

  void check_address() {
    const auto& addresses = certificate_.addresses();
    if (std::ranges::find(addresses, request_.wish.mailbox) != addresses.end()) return;
    std::string others;
    for (const Address& address : addresses) others += (others.empty() ? "" : ", ") + address.str();
    complain("is for " + (others.empty() ? "no mail address" : others) + " and not for " +
             request_.wish.mailbox.str() + "; ask for one with the request's subjectAltName");
  }

  void check_usage() {
    const bool wants_sign = request_.purpose != Purpose::encrypt;
    const bool wants_encrypt = request_.purpose != Purpose::sign;
    if (certificate_.may_sign() != wants_sign)
      complain(wants_sign ? "may not sign mail (key usage); ask for digitalSignature"
                          : "may sign as well, and encryption alone was asked for; ask for one "
                            "without digitalSignature, or use a profile with joint certificates");
    if (certificate_.may_encrypt() != wants_encrypt)
      complain(wants_encrypt
                   ? "may not be encrypted to (key usage); ask for keyEncipherment (RSA) or "
                     "keyAgreement (EC)"
                   : "may be encrypted to as well, and signing alone was asked for; ask for one "
                     "without keyEncipherment, or use a profile with joint certificates");
  }

  void check_validity() {
    const Time now = office_.clock.now();
    const auto longest = office_.profile(request_.wish.profile).deadlines.longest_validity;
    if (certificate_.not_after() < now)
      complain("expired on " + rfc3339(certificate_.not_after()) + "; ask for a new one");
    if (certificate_.not_after() - certificate_.not_before() > longest)
      complain("is valid longer than its CA profile allows (" + rfc3339(certificate_.not_before()) +
               " to " + rfc3339(certificate_.not_after()) +
               "); ask for a shorter one, or change longest_validity");
  }

  void check_path(const std::vector<Certificate>& helpers) {
    const auto purpose =
        request_.purpose == Purpose::encrypt ? pki::Purpose::encrypt : pki::Purpose::sign;
    // A certificate that begins tomorrow is judged as of then; one that is over was told of above.
    const Time last = certificate_.not_after() - std::chrono::seconds(1);
    const Time at =
        std::clamp(office_.clock.now(), std::min(certificate_.not_before(), last), last);
    const auto trust = office_.store.trust();
    const auto path =
        trust->validate(certificate_, on_the_way_up(certificate_, helpers, *trust), purpose, at);
    path_ = path.chain;
    if (path.status == PathStatus::trusted || path.status == PathStatus::unchecked_revocation)
      return;
    complain("has no good path: " + path.reason +
             "; check where it comes from, and add its root with `siegel trust add`");
  }

  // RFC 5280 §4.1.2.2: a CA gives a serial number once.
  void check_serial() {
    for (const Request& other : office_.ledger.list_by_serial(certificate_.serial())) {
      if (other.id == request_.id) continue;
      const auto theirs = Certificate::from_der(other.certificate);
      if (theirs && theirs->issuer() == certificate_.issuer())
        complain("has the serial number of the certificate of request " + std::to_string(other.id) +
                 "; tell the certification authority");
    }
  }

  const Office& office_;
  const Request& request_;
  const Certificate& certificate_;
  std::vector<std::string> misfits_;
  std::vector<Certificate> path_;
};

std::string joined(const std::vector<std::string>& sentences) {
  std::string text = "the certificate ";
  for (std::size_t i = 0; i < sentences.size(); ++i) text += (i == 0 ? "" : ". It ") + sentences[i];
  return text;
}

/// Keeps what the path of a good certificate needs, and nothing else: whatever else came along was
/// vouched for by nobody.
void keep_helpers(const Office& office, const std::vector<Certificate>& path) {
  for (const Certificate& certificate : path)
    if (certificate.is_authority() && !certificate.is_self_issued())
      office.store.add_intermediate(certificate);
}

Finding examine(const Office& office, const Request& request, const Certificate& certificate,
                const std::vector<Certificate>& helpers) {
  return Examination(office, request, certificate).run(helpers);
}

Request judged(const Office& office, Request request, const std::vector<std::string>& wrong) {
  if (!wrong.empty())
    return office.ledger.advance(std::move(request), State::mismatch,
                                 office.because(joined(wrong)));
  return office.ledger.advance(std::move(request), State::checked,
                               office.because("the certificate fits the request"));
}

}  // namespace

std::vector<std::string> misfits(const Office& office, const Request& request,
                                 const Certificate& certificate,
                                 const std::vector<Certificate>& helpers) {
  return examine(office, request, certificate, helpers).misfits;
}

Request take_certificate(const Office& office, Request request, const Issued& issued,
                         const std::string& evidence) {
  request.certificate = issued.certificate.der();
  request.fingerprint = issued.certificate.fingerprint();
  request.transaction.clear();
  const auto found = examine(office, request, issued.certificate, issued.chain);
  // Before the first step: should the second be interrupted, they are there for the next check.
  if (found.misfits.empty()) keep_helpers(office, found.path);
  request = office.ledger.advance(std::move(request), State::issued,
                                  office.because("the certificate came back", evidence));
  return judged(office, std::move(request), found.misfits);
}

Request check_again(const Office& office, Request request,
                    const std::vector<Certificate>& helpers) {
  const auto found = examine(office, request, certificate_of(request), helpers);
  if (found.misfits.empty()) keep_helpers(office, found.path);
  const bool is_as_before = request.state == State::mismatch && !found.misfits.empty();
  return is_as_before ? request : judged(office, std::move(request), found.misfits);
}

}  // namespace siegel::pki::enrol
