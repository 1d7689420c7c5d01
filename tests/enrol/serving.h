#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/enrol/activation.h"
#include "pki/enrol/connect.h"
#include "pki/enrol/key_making.h"
#include "pki/enrol/start.h"
#include "pki/enrol/submit.h"
#include "tests/enrol/desk.h"

namespace siegel::tests {

/// Mailboxes in service, with certificates of a real local CA by the profile "amt": one that signs
/// and one that is encrypted to.
class ServingTest : public testing::Test {
 protected:
  ServingTest();

  /// Brings bauamt@stadt.example, or another mailbox, into service.
  void enrol(const std::string& address = "bauamt@stadt.example");
  /// Keys, certificates and activation for whatever is under way.
  void go_on();
  pki::enrol::Request the(pki::enrol::Purpose purpose, std::int64_t renews = 0) const;
  pki::enrol::State state(pki::enrol::Purpose purpose, std::int64_t renews = 0) const {
    return the(purpose, renews).state;
  }
  std::string signs_with() const;
  bool opens(const pki::Certificate& certificate) const;
  config::CaProfile& profile() { return office_.profiles.front(); }

  EnrolDesk desk_;
  const std::filesystem::path ca_folder_ = desk_.folder / "ca";
  pki::LocalCa ca_;
  pki::enrol::Connect connect_ = pki::enrol::connect_by_profile(desk_.clock);
  pki::enrol::Office office_{desk_.ledger, desk_.store, desk_.clock, {}, "anna"};
  const Address bauamt_ = *Address::parse("bauamt@stadt.example");
};

/// Makes a CA as `siegel ca init` does.
pki::LocalCa make_ca(const std::filesystem::path& folder, const std::string& name);

inline pki::Certificate certificate_in(const pki::enrol::Request& request) {
  return pki::Certificate::from_der(request.certificate).value();
}

}  // namespace siegel::tests
