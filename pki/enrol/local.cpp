#include "pki/enrol/local.h"

#include <algorithm>

#include "base/error.h"
#include "pki/csr.h"
#include "pki/enrol/credentials.h"

namespace siegel::pki::enrol {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours list_life{24 * 30};
constexpr std::chrono::minutes backdated{5};  // clocks differ

LocalCa open_ca(const fs::path& folder) {
  Identity identity = read_identity(folder / "ca.pem", folder / "ca.key", "local");
  return {std::move(identity.certificate), std::move(identity.key)};
}

Usage usage_of(const Csr& csr) {
  if (csr.signs && csr.encrypts) return Usage::both;
  return csr.signs ? Usage::sign : Usage::encrypt;
}

}  // namespace

Local::Local(const config::CaProfile& profile, const Clock& clock)
    : validity_(profile.deadlines.longest_validity - std::chrono::hours(24)),
      clock_(clock),
      ca_(open_ca(profile.local.directory)),
      record_(profile.local.directory) {}

Answer Local::submit(const Submission& submission) {
  const auto csr = parse_csr(submission.csr);
  if (!csr) return Refused{"the certification request cannot be read; cancel it and start anew"};
  if (!csr->signs && !csr->encrypts)
    return Refused{
        "the certification request asks for no key usage; ask for digitalSignature or "
        "keyEncipherment (RSA) or keyAgreement (EC)"};
  std::vector<std::string> addresses;
  for (const Address& address : csr->addresses) addresses.push_back(address.str());
  const Time now = clock_.now();
  const Time end = std::min<Time>(now + validity_, ca_.certificate().not_after());
  const Certificate certificate = ca_.issue({.common_name = {},
                                             .addresses = addresses,
                                             .usage = usage_of(*csr),
                                             .not_before = now - backdated,
                                             .not_after = end,
                                             .subject = csr->name},
                                            csr->public_key.get());
  record_.issued(certificate);
  return Issued{certificate, {}};
}

Answer Local::poll(const Submission& submission, const std::string& /*transaction*/) {
  return submit(submission);
}

RevocationAnswer Local::revoke(const Certificate& certificate, const PrivateKey& /*key*/,
                               RevocationReason reason) {
  if (certificate.issuer() != ca_.certificate().subject())
    return Refused{"the certificate was not issued by this CA; revoke it where it came from"};
  record_.revoked(certificate, reason, clock_.now());
  record_.publish(ca_, clock_.now(), list_life);
  return Done{};
}

void Local::keep_list_fresh() const {
  if (record_.is_list_due(clock_.now())) record_.publish(ca_, clock_.now(), list_life);
}

Report refresh_local_lists(const Office& office) {
  Report report;
  for (const config::CaProfile& profile : office.profiles) {
    const bool publishes = profile.connector == config::Connector::local &&
                           fs::exists(profile.local.directory / "ca.crl");
    if (!publishes) continue;
    try {
      Local(profile, office.clock).keep_list_fresh();
    } catch (const std::exception& error) {  // a folder of one CA is not the whole world
      report.troubles.push_back(
          {"CA profile " + profile.name,
           "its revocation list cannot be written anew: " + std::string(error.what()) +
               "; see to the rights of " + profile.local.directory.string()});
    }
  }
  return report;
}

}  // namespace siegel::pki::enrol
