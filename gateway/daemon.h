#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "config/config.h"

namespace siegel {

/// What one daemon is to another: its name, and how it serves.
struct Daemon {
  std::string name;   ///< "siegel-relay"
  std::string about;  ///< one sentence for --help
  /// Serves until it is told to stop by one of the signals, which are blocked in every thread.
  std::function<void(const std::shared_ptr<const config::Config>&, const Log&, const sigset_t&)>
      serve;
};

/// The main function of a daemon: command line, signals, log, configuration. Gives the exit code: 0
/// stopped as asked, 1 could not start (the reason stands on standard error).
[[nodiscard]] int run_daemon(int argc, char** argv, const Daemon& daemon) noexcept;

/// Tells systemd READY, calls `reload` at each SIGHUP, and tells STOPPING when it is to end.
void wait_for_end(const sigset_t& signals, const std::function<void()>& reload);

}  // namespace siegel
