// siegel-relay: the daemon that faces mail servers.
//
// Signals: SIGHUP reads the configuration anew, SIGTERM and SIGINT stop gracefully.
// Exit codes: 0 stopped as asked, 1 could not start (the reason stands on standard error).

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <systemd/sd-daemon.h>

#include "base/error.h"
#include "base/log.h"
#include "base/private_memory.h"
#include "base/signals.h"
#include "config/load.h"
#include "gateway/relay/relay.h"

namespace {

void serve(siegel::relay::Relay& relay, const sigset_t& signals) {
  relay.start();
  sd_notify(0, "READY=1");
  while (siegel::next_signal(signals) == SIGHUP) relay.reload();
  sd_notify(0, "STOPPING=1");
  // RFC 5321 lets a next hop take ten minutes to answer; nobody who said `stop` waits for that.
  if (!relay.stop()) std::_Exit(EXIT_SUCCESS);
}

int run(int argc, char** argv) {
  CLI::App app{
      "siegel-relay: signs, verifies and encrypts mail between your mail servers and the world"};
  std::string config_file = "/etc/siegel/siegel.yaml";
  std::string log_file;
  app.add_option("--config", config_file, "configuration file")->capture_default_str();
  app.add_option("--log", log_file, "append the log to this file instead of standard error");
  CLI11_PARSE(app, argc, argv);

  const sigset_t signals = siegel::block_signals();
  siegel::keep_memory_private();
  const siegel::Log log =
      log_file.empty() ? siegel::Log::to_stderr() : siegel::Log::to_file(log_file);
  siegel::relay::Relay relay(siegel::config::load(config_file), log);
  serve(relay, signals);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "siegel-relay: " << error.what() << '\n';
    return 1;
  }
}
