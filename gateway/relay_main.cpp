// siegel-relay: the daemon that faces mail servers.
//
// Signals: SIGHUP reads the configuration anew, SIGTERM and SIGINT stop gracefully.
// Exit codes: 0 stopped as asked, 1 could not start (the reason stands on standard error).

#include <cstdlib>

#include "gateway/daemon.h"
#include "gateway/relay/relay.h"

int main(int argc, char** argv) {
  const auto serve = [](const auto& config, const siegel::Log& log, const sigset_t& signals) {
    siegel::relay::Relay relay(config, log);
    relay.start();
    siegel::wait_for_end(signals, [&relay] { relay.reload(); });
    // RFC 5321 lets a next hop take ten minutes to answer; nobody who said `stop` waits for that.
    if (!relay.stop()) std::_Exit(EXIT_SUCCESS);
  };
  return siegel::run_daemon(
      argc, argv,
      {"siegel-relay", "signs, verifies and encrypts mail between your mail servers and the world",
       serve});
}
