#pragma once

#include "base/clock.h"
#include "config/profile.h"
#include "pki/enrol/authority.h"
#include "pki/enrol/local_record.h"
#include "pki/enrol/office.h"
#include "pki/local_ca.h"

namespace siegel::pki::enrol {

/// The small CA that `siegel ca init` makes in a folder: it issues at once what a request asks for.
/// Its record is in the folder too, and `ca.crl`, which is written anew with each revocation, for
/// `revocation: lists:`.
class Local final : public CertificateAuthority {
 public:
  /// Throws Error{ours} if the folder holds no CA.
  Local(const config::CaProfile& profile, const Clock& clock);

  Answer submit(const Submission& submission) override;
  Answer poll(const Submission& submission, const std::string& transaction) override;
  RevocationAnswer revoke(const Certificate& certificate, const PrivateKey& key,
                          RevocationReason reason) override;

  /// Writes the revocation list anew in good time before it is over.
  void keep_list_fresh() const;

 private:
  std::chrono::seconds validity_;
  const Clock& clock_;
  LocalCa ca_;
  LocalRecord record_;
};

/// Of all local CAs that publish a list: those that will soon be over are written anew.
Report refresh_local_lists(const Office& office);

}  // namespace siegel::pki::enrol
