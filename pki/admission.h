#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pki/store.h"

/// Which certificates of a bundle may be installed for a mailbox: the rules of KeyStore::import,
/// without the database.
namespace siegel::pki {

/// What a certificate is judged against.
struct Application {
  Address mailbox;
  std::vector<Certificate> helpers;  ///< the authorities of the bundle
  std::shared_ptr<const Trust> trust;
  Time now;
  bool ignores_trust = false;
  std::string actor = by_operator;  ///< who applies, for the audit
};

struct Admission {
  std::optional<CertificateUse> use;  ///< nothing: refused
  std::string remark;                 ///< why it was refused, or what to know; may be empty
};

[[nodiscard]] Admission admit(const Certificate& certificate, const Application& application);

/// "certificate 3F2A… (CN=…)": how a remark names a certificate.
[[nodiscard]] std::string called(const Certificate& certificate);

}  // namespace siegel::pki
