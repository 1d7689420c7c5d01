#include "gateway/daemon.h"

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <systemd/sd-daemon.h>

#include "base/private_memory.h"
#include "base/signals.h"
#include "config/load.h"

namespace siegel {
namespace {

int run(int argc, char** argv, const Daemon& daemon) {
  CLI::App app{daemon.name + ": " + daemon.about};
  std::string config_file = "/etc/siegel/siegel.yaml";
  std::string log_file;
  app.add_option("--config", config_file, "configuration file")->capture_default_str();
  app.add_option("--log", log_file, "append the log to this file instead of standard error");
  CLI11_PARSE(app, argc, argv);

  const sigset_t signals = block_signals();
  keep_memory_private();
  const Log log = log_file.empty() ? Log::to_stderr() : Log::to_file(log_file);
  daemon.serve(config::load(config_file), log, signals);
  return 0;
}

}  // namespace

int run_daemon(int argc, char** argv, const Daemon& daemon) noexcept {
  try {
    return run(argc, argv, daemon);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", daemon.name.c_str(), error.what());
    return 1;
  }
}

void wait_for_end(const sigset_t& signals, const std::function<void()>& reload) {
  sd_notify(0, "READY=1");
  while (next_signal(signals) == SIGHUP) reload();
  sd_notify(0, "STOPPING=1");
}

}  // namespace siegel
