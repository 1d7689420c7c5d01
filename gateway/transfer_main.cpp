// siegel-transfer: the daemon that faces browsers.
//
// Signals: SIGHUP reads the configuration and the certificate anew, SIGTERM and SIGINT stop
// gracefully. Exit codes: 0 stopped as asked, 1 could not start (the reason stands on standard
// error).

#include "gateway/daemon.h"
#include "gateway/portal/transfer_service.h"

int main(int argc, char** argv) {
  const auto serve = [](const auto& config, const siegel::Log& log, const sigset_t& signals) {
    siegel::portal::TransferService service(config, log);
    service.start();
    siegel::wait_for_end(signals, [&service] { service.reload(); });
    service.stop();
  };
  return siegel::run_daemon(
      argc, argv, {"siegel-transfer", "large files by link, for staff and citizens", serve});
}
