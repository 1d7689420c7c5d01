#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "pki/enrol/ledger.h"
#include "pki/store.h"
#include "tests/pki/authorities.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

/// A place to enrol at, in a folder of its own, at the noon of tests/pki/authorities.h.
namespace siegel::tests {

inline const pki::enrol::Cause by_anna{"anna", "because", {}};

/// Bauamt and its like, by the profile "amt".
pki::enrol::Wish wish(const std::string& address);

/// The states on the shortest way from draft to `state`, draft left out.
std::vector<pki::enrol::State> way_to(pki::enrol::State state, pki::enrol::Purpose purpose);

struct EnrolDesk {
  EnrolDesk();

  TemporaryDirectory folder;
  ManualClock clock{noon};
  std::shared_ptr<config::Config> config;
  Database database;
  pki::KeyStore store;
  pki::enrol::Ledger ledger;
};

}  // namespace siegel::tests
