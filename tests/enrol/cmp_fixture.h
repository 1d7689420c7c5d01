#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pki/enrol/cmp.h"
#include "tests/enrol/cmp_server.h"
#include "tests/enrol/enrol_fixture.h"
#include "tests/pki/forge.h"
#include "tests/support/files.h"

namespace siegel::tests {

inline std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// A CA behind OpenSSL's CMP server, and a mailbox that wants a certificate of it.
class CmpTest : public EnrolTest {
 protected:
  using Words = std::vector<std::string>;

  CmpTest() {
    write_file(folder_ / "ca.pem", ca().certificate().pem());
    write_secret(folder_ / "ca.key", to_pem(ca().key()));
    write_secret(folder_ / "secret", "sehr geheim, und lang\r\nand what is not read\n");
    write_secret(folder_ / "server-secret", "sehr geheim, und lang\n");
    settings_.reference = "ra-1";
    settings_.secret = folder_ / "secret";
    settings_.authority = folder_ / "ca.pem";
    rely(issued());
  }

  /// A certificate for key(), once for all tests.
  static const pki::Certificate& issued() {
    static const auto made = issue(key());
    return made;
  }

  /// From now on servers answer with this certificate.
  void rely(const pki::Certificate& certificate) {
    relied_ = certificate;
    write_file(folder_ / "rsp.pem", certificate.pem());
  }
  void serve(const Words& more = {}) {
    Words all{"-srv_secret",  "file:" + (folder_ / "server-secret").string(),
              "-srv_cert",    (folder_ / "ca.pem").string(),
              "-srv_key",     (folder_ / "ca.key").string(),
              "-srv_trusted", (folder_ / "ca.pem").string(),
              "-rsp_cert",    (folder_ / "rsp.pem").string()};
    all.insert(all.end(), more.begin(), more.end());
    server_ = std::make_unique<CmpServer>(all);
    settings_.url = server_->url();
  }
  [[nodiscard]] pki::enrol::Cmp client() const { return {settings_, clock_}; }

  static std::string transaction_of(const pki::enrol::Answer& answer) {
    const auto* waiting = std::get_if<pki::enrol::Waiting>(&answer);
    EXPECT_NE(waiting, nullptr) << reason_of(answer);
    return waiting == nullptr ? "" : waiting->transaction;
  }
  void expect_issued(const pki::enrol::Answer& answer) const {
    const auto* certificate = std::get_if<pki::enrol::Issued>(&answer);
    ASSERT_NE(certificate, nullptr) << reason_of(answer);
    EXPECT_EQ(certificate->certificate, *relied_);
  }

  config::CmpSettings settings_;
  std::optional<pki::Certificate> relied_;
  std::unique_ptr<CmpServer> server_;
};

}  // namespace siegel::tests
