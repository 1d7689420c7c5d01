#pragma once

#include <functional>
#include <string>

#include "pki/enrol/activation.h"
#include "pki/enrol/connect.h"

namespace siegel::pki::enrol {

/// The progress of one kind of work: "keys", "requests", "activation".
using ProgressOf = std::function<Progress(const std::string& what)>;

/// All that needs nobody: keep_up, make_keys, submit and activate, for every request. The relay
/// does it in the background, `siegel enrol run` by hand or by a timer.
/// REQUIRES: the caller has the Turn.
Report run_round(const Office& office, const Connect& connect, const SelfTest& self_test,
                 const ProgressOf& progress = {});

}  // namespace siegel::pki::enrol
