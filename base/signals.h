#pragma once

#include <csignal>

namespace siegel {

/// SIGHUP, SIGTERM and SIGINT are taken by next_signal() from here on, so that no handler ever runs
/// in the middle of anything; SIGPIPE is ignored: a peer that hangs up is an error code, not the
/// end of the daemon. To be called before there is a second thread.
[[nodiscard]] sigset_t block_signals();

/// Waits for one of them.
[[nodiscard]] int next_signal(const sigset_t& signals);

}  // namespace siegel
