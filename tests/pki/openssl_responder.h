#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "pki/local_ca.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// `openssl ocsp` as a server on a free port, ended with this object.
class OpensslResponder {
 public:
  /// Answers for what `authority` has issued, and signs as `signer`.
  OpensslResponder(const pki::LocalCa& authority, const pki::LocalCa& signer);
  OpensslResponder(const OpensslResponder&) = delete;
  OpensslResponder& operator=(const OpensslResponder&) = delete;
  ~OpensslResponder();

  /// "127.0.0.1:8080"
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + port_; }
  [[nodiscard]] std::string url() const { return "http://" + host() + "/"; }

  /// Begins to answer; what it is not told of is unknown to it. REQUIRES: called once.
  void start(const std::vector<pki::Certificate>& good,
             const std::vector<pki::Certificate>& revoked = {});

 private:
  TemporaryDirectory folder_;
  pid_t process_ = -1;
  std::string port_;
};

}  // namespace siegel::tests
