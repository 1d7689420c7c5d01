#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "pki/enrol/cmp.h"
#include "tests/enrol/cmp_server.h"
#include "tests/enrol/requests.h"
#include "tests/pki/forge.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// A CA behind OpenSSL's CMP server, and a mailbox that wants a certificate of it.
class CmpTest : public ::testing::Test {
 protected:
  using Words = std::vector<std::string>;

  CmpTest() {
    write_file(folder_ / "ca.pem", ca().certificate().pem());
    write_file(folder_ / "ca.key", to_pem(ca().key()));
    write_file(folder_ / "secret", "geheim\r\nand what is not read\n");
    write_file(folder_ / "server-secret", "geheim\n");
    settings_.reference = "ra-1";
    settings_.secret = folder_ / "secret";
    settings_.authority = folder_ / "ca.pem";
    rely(issued());
  }

  static Time now() { return SystemClock().now(); }
  static const pki::LocalCa& ca() {
    static const auto made =
        pki::LocalCa::make("Amt", "CA 1", pki::KeyType::p256, now() - std::chrono::hours(48));
    return made;
  }
  static const pki::PrivateKey& key() {
    static const auto made = pki::PrivateKey::generate(pki::KeyType::p256);
    return made;
  }
  static const pki::PrivateKey& other_key() {
    static const auto made = pki::PrivateKey::generate(pki::KeyType::p256);
    return made;
  }
  static pki::Certificate issue(const pki::PrivateKey& to, pki::Usage usage = pki::Usage::sign) {
    return ca().issue({"GRP: Bauamt",
                       {"bauamt@stadt.example"},
                       usage,
                       now() - std::chrono::hours(1),
                       now() + std::chrono::hours(24)},
                      to);
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
  [[nodiscard]] static pki::enrol::Submission wish() {
    return {request_for(key(), "bauamt@stadt.example"), key()};
  }

  template <typename T>
  static std::string reason_of(const T& answer) {
    if (const auto* refused = std::get_if<pki::enrol::Refused>(&answer))
      return "refused: " + refused->reason;
    if (const auto* unreachable = std::get_if<pki::enrol::Unreachable>(&answer))
      return "unreachable: " + unreachable->reason;
    return "index " + std::to_string(answer.index());
  }
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

  TemporaryDirectory folder_;
  SystemClock clock_;
  config::CmpSettings settings_;
  std::optional<pki::Certificate> relied_;
  std::unique_ptr<CmpServer> server_;
};

}  // namespace siegel::tests
