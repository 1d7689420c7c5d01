// siegel-transfer: the daemon that faces browsers.
//
// Signals: SIGHUP reads the configuration and the certificate anew, SIGTERM and SIGINT stop
// gracefully. Exit codes: 0 stopped as asked, 1 could not start (the reason stands on standard
// error).

#include <csignal>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <systemd/sd-daemon.h>

#include "base/error.h"
#include "base/log.h"
#include "base/private_memory.h"
#include "base/signals.h"
#include "config/load.h"
#include "gateway/portal/transfer_service.h"

namespace {

void serve(siegel::portal::TransferService& service, const sigset_t& signals) {
  service.start();
  sd_notify(0, "READY=1");
  while (siegel::next_signal(signals) == SIGHUP) service.reload();
  sd_notify(0, "STOPPING=1");
  service.stop();
}

int run(int argc, char** argv) {
  CLI::App app{"siegel-transfer: large files by link, for staff and citizens"};
  std::string config_file = "/etc/siegel/siegel.yaml";
  std::string log_file;
  app.add_option("--config", config_file, "configuration file")->capture_default_str();
  app.add_option("--log", log_file, "append the log to this file instead of standard error");
  CLI11_PARSE(app, argc, argv);

  const sigset_t signals = siegel::block_signals();
  siegel::keep_memory_private();
  const siegel::Log log =
      log_file.empty() ? siegel::Log::to_stderr() : siegel::Log::to_file(log_file);
  siegel::portal::TransferService service(siegel::config::load(config_file), log);
  serve(service, signals);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "siegel-transfer: " << error.what() << '\n';
    return 1;
  }
}
