#pragma once

#include <string>
#include <variant>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "pki/enrol/authority.h"
#include "tests/enrol/requests.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// A CA, and a mailbox that wants a certificate of it. Real servers and programs look at the
/// certificates, so they are valid now.
class EnrolTest : public ::testing::Test {
 protected:
  static Time now() { return SystemClock().now(); }
  static const pki::LocalCa& ca() {
    static const auto made =
        pki::LocalCa::make("Amt", "CA 1", pki::KeyType::p256, now() - std::chrono::hours(48));
    return made;
  }
  /// The key that the certificate is wanted for.
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
  static pki::enrol::Submission wish() {
    return {request_for(key(), "bauamt@stadt.example"), key()};
  }

  /// "refused: …", "unreachable: …", or which other answer it is.
  template <typename T>
  static std::string reason_of(const T& answer) {
    if (const auto* refused = std::get_if<pki::enrol::Refused>(&answer))
      return "refused: " + refused->reason;
    if (const auto* unreachable = std::get_if<pki::enrol::Unreachable>(&answer))
      return "unreachable: " + unreachable->reason;
    return "index " + std::to_string(answer.index());
  }
  /// What an Error{ours} says that `work` throws.
  template <typename Work>
  static std::string complaint_of(Work work) {
    try {
      work();
    } catch (const Error& problem) {
      EXPECT_EQ(problem.fault(), Fault::ours);
      return problem.said();
    }
    return "none";
  }

  TemporaryDirectory folder_;
  SystemClock clock_;
};

}  // namespace siegel::tests
