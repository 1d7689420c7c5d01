#pragma once

#include <filesystem>
#include <vector>

#include "base/time.h"
#include "pki/enrol/authority.h"
#include "pki/local_ca.h"

namespace siegel::pki::enrol {

/// What a local CA has done, in its folder: `issued/SERIAL.pem`, `revoked/SERIAL.pem`, whose first
/// line says when and why, and the last list, `ca.crl`. Lists are written by one process
/// at a time.
class LocalRecord {
 public:
  explicit LocalRecord(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void issued(const Certificate& certificate) const;
  /// The first revocation of a certificate is the one that counts.
  void revoked(const Certificate& certificate, RevocationReason reason, Time at) const;
  [[nodiscard]] std::vector<Revoked> revocations() const;

  /// Writes `ca.crl` anew, with everything that was ever revoked and a higher number than before.
  Crl publish(const LocalCa& ca, Time now, std::chrono::seconds life) const;
  /// The last list is missing, or more than half of its life is over.
  [[nodiscard]] bool is_list_due(Time now) const;

 private:
  [[nodiscard]] std::optional<Crl> last_list() const;

  std::filesystem::path folder_;
};

}  // namespace siegel::pki::enrol
