#include "pki/enrol/local.h"

#include <algorithm>
#include <charconv>

#include "base/disk.h"
#include "base/error.h"
#include "base/random.h"
#include "pki/csr.h"
#include "pki/enrol/credentials.h"

namespace siegel::pki::enrol {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours list_life{24 * 30};
constexpr std::chrono::minutes backdated{5};

LocalCa open_ca(const fs::path& folder) {
  Identity identity = read_identity(folder / "ca.pem", folder / "ca.key", "local");
  return {std::move(identity.certificate), std::move(identity.key)};
}

Usage usage_of(const Csr& csr) {
  if (csr.signs && csr.encrypts) return Usage::both;
  return csr.signs ? Usage::sign : Usage::encrypt;
}

void keep(const fs::path& folder, const Certificate& certificate) {
  PosixDisk disk;
  if (!disk.exists(folder)) disk.make_directory(folder);
  replace_file(disk, folder / (certificate.serial() + ".pem"), Octets(Blob(certificate.pem())));
}

std::vector<Certificate> certificates_in(const fs::path& folder) {
  std::vector<Certificate> found;
  if (!fs::exists(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto some = read_certificates(entry.path(), "local.directory");
    found.insert(found.end(), some.begin(), some.end());
  }
  return found;
}

// RFC 5280 §5.2.3: higher than that of the list before, even if the clock was set back.
std::uint64_t next_number(const fs::path& file, Time now) {
  const auto number = static_cast<std::uint64_t>(now.time_since_epoch().count());
  PosixDisk disk;
  if (!disk.exists(file)) return number;
  const auto before = Crl::parse(disk.read(file).view());
  if (!before) return number;
  std::uint64_t last = 0;
  const std::string& digits = before->number();
  std::from_chars(digits.data(), digits.data() + digits.size(), last, 16);
  return std::max(number, last + 1);
}

}  // namespace

Local::Local(const config::CaProfile& profile, const Clock& clock)
    : folder_(profile.local.directory),
      validity_(profile.deadlines.longest_validity - std::chrono::hours(24)),
      clock_(clock),
      ca_(open_ca(folder_)) {}

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
  keep(folder_ / "issued", certificate);
  return Issued{certificate, {}};
}

Answer Local::poll(const Submission& submission, const std::string& /*transaction*/) {
  return submit(submission);
}

RevocationAnswer Local::revoke(const Certificate& certificate, const PrivateKey& /*key*/,
                               RevocationReason /*reason*/) {
  if (certificate.issuer() != ca_.certificate().subject())
    return Refused{"the certificate was not issued by this CA; revoke it where it came from"};
  keep(folder_ / "revoked", certificate);
  publish_list();
  return Done{};
}

void Local::publish_list() const {
  const Time now = clock_.now();
  const Crl list =
      ca_.revoke(certificates_in(folder_ / "revoked"), next_number(folder_ / "ca.crl", now),
                 now - backdated, now + list_life);
  PosixDisk disk;
  replace_file(disk, folder_ / "ca.crl", Octets(Blob(list.der())));
}

}  // namespace siegel::pki::enrol
