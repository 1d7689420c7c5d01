#include "pki/enrol/est.h"

#include <utility>

#include <openssl/x509v3.h>

#include "base/utf8.h"
#include "pki/enrol/est_answer.h"
#include "pki/store_base64.h"

namespace siegel::pki::enrol {
namespace {

constexpr const char* first_operation = "simpleenroll";
constexpr const char* renewal_operation = "simplereenroll";

Error bad_settings(const std::string& what) {
  return {Fault::ours, "the CA profile cannot be used: " + what};
}

void check(const config::EstSettings& settings) {
  if (settings.authority.empty())
    throw bad_settings("est.authority is missing; it says whose server we believe");
  if (settings.certificate.has_value() != settings.key.has_value())
    throw bad_settings("est.certificate and est.key belong together; give both or none");
  if (settings.user.empty() == settings.secret.has_value())
    throw bad_settings("est.user and est.secret belong together; give both or none");
  if (!settings.certificate && settings.user.empty())
    throw bad_settings("give est.certificate and est.key, or est.user and est.secret");
  if (settings.user.find(':') != std::string::npos)
    throw bad_settings("est.user holds a colon, which HTTP Basic does not allow");
}

HttpPlace place_of(const std::string& url) {
  HttpPlace place = parse_url(url, Scheme::https, "est.url");
  while (place.path.ends_with('/')) place.path.pop_back();
  return place;
}

// RFC 7617 §2.
std::string basic(const std::string& user, const Secret& secret) {
  std::string both;
  const Cleansing cleansing(both);
  both.reserve(user.size() + 1 + secret.octets().size());  // no copy of it is left behind
  both.append(user).append(1, ':').append(secret.octets());
  const Secret coded(to_base64(both));
  return std::string("Basic ").append(coded.octets());
}

// RFC 7030 §3.3.2; a server that judges extended key usage refuses one that is for mail only.
bool may_be_client(const Certificate& certificate, Time now) {
  return may_speak(certificate, now) &&
         (X509_get_extended_key_usage(certificate.x509()) & XKU_SSL_CLIENT) != 0;
}

}  // namespace

Est::Est(config::EstSettings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock), place_(place_of(settings_.url)) {
  check(settings_);
  // A file that cannot be used is told before anything is sent.
  static_cast<void>(rules_for(nullptr));
  if (settings_.secret) static_cast<void>(read_secret(*settings_.secret, "est.secret"));
}

Answer Est::submit(const Submission& submission) {
  return enrol(submission, submission.present ? renewal_operation : first_operation);
}

Answer Est::poll(const Submission& submission, const std::string& transaction) {
  if (transaction != first_operation && transaction != renewal_operation)
    return Refused{
        "what is stored of this transaction cannot be read; begin it anew with `siegel enrol "
        "retry`"};
  return enrol(submission, transaction);
}

RevocationAnswer Est::revoke(const Certificate& certificate, const PrivateKey& /*key*/,
                             RevocationReason /*reason*/) {
  return ByHand{"EST knows no revocation: have the certificate with serial number " +
                certificate.serial() + " of " + certificate.issuer() + ", for " +
                certificate.subject() +
                ", revoked by the CA's registration authority, in writing or by telephone as its "
                "rules say"};
}

Est::Authorities Est::cacerts() {
  try {
    return understand_authorities(ask_server({place_.path + "/cacerts", {}, {}, {}}, nullptr));
  } catch (const Error& problem) {
    if (problem.fault() != Fault::world) throw;
    return Unreachable{problem.said()};
  }
}

Answer Est::enrol(const Submission& submission, const std::string& operation) {
  try {
    // RFC 8951 §3.1 has dropped Content-Transfer-Encoding; servers of RFC 7030 ask for it.
    const HttpAnswer answer = ask_server({place_.path + '/' + operation,
                                          "application/pkcs10",
                                          to_base64(submission.csr),
                                          {{"Content-Transfer-Encoding", "base64"}}},
                                         &submission);
    return understand_enrolment(answer, submission.key, operation, clock_.now());
  } catch (const Error& problem) {
    if (problem.fault() != Fault::world) throw;
    return Unreachable{problem.said()};
  }
}

HttpAnswer Est::ask_server(HttpRequest request, const Submission* submission) const {
  std::string none;
  std::string& field = settings_.secret ? request.fields["Authorization"] : none;
  const Cleansing cleansing(field);
  if (settings_.secret) field = basic(settings_.user, read_secret(*settings_.secret, "est.secret"));
  return ask(place_, request, rules_for(submission));
}

TlsRules Est::rules_for(const Submission* submission) const {
  TlsRules rules{read_certificates(settings_.authority, "est.authority"),
                 {},
                 "the host in est.url, and the certificates in est.authority"};
  const bool renews = submission != nullptr && submission->present &&
                      may_be_client(submission->present->certificate, clock_.now());
  if (renews)
    rules.client = Identity{submission->present->certificate, submission->present->key};
  else if (settings_.certificate)
    rules.client = read_identity(*settings_.certificate, *settings_.key, "est");
  return rules;
}

}  // namespace siegel::pki::enrol
