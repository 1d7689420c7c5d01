// siegel: the operator's command line. Tables for people, --json for scripts, exit codes in
// docs/CLI.md.

#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>
#include <poll.h>
#include <unistd.h>

#include "base/error.h"
#include "base/private_memory.h"
#include "tools/siegel/command.h"

namespace {

using siegel::Fault;
using namespace siegel::tools;

int exit_code_of(Fault fault) {
  switch (fault) {
    case Fault::peer:
      return exit_no;
    case Fault::world:
      return exit_world;
    case Fault::ours:
      return exit_ours;
  }
  return exit_ours;
}

void add_version_command(CLI::App& app, Context& context) {
  app.add_subcommand("version", "print the version")->callback([&context] {
    context.say({{"version", SIEGEL_VERSION}}, "siegel " SIEGEL_VERSION);
  });
}

void add_commands(CLI::App& app, Context& context) {
  app.add_option("--config", context.config_file, "configuration file")->capture_default_str();
  app.add_flag("--json", context.json, "print JSON for scripts");
  app.require_subcommand(1);
  app.fallthrough();
  add_config_commands(app, context);
  add_mailbox_commands(app, context);
  add_certificate_commands(app, context);
  add_trust_commands(app, context);
  add_peer_commands(app, context);
  add_publish_commands(app, context);
  add_queue_commands(app, context);
  add_transfer_commands(app, context);
  add_explain_command(app, context);
  add_ca_commands(app, context);
  add_key_commands(app, context);
  add_enrol_commands(app, context);
  add_audit_commands(app, context);
  add_version_command(app, context);
}

/// Whoever read our answer has seen enough and gone: `siegel … | head`.
bool is_reader_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/// `siegel … > file` on a full disk must not look like success.
int after_output(int code) {
  if (std::cout.flush() || is_reader_gone()) return code;
  std::cerr << "siegel: the answer could not be written; make room where it goes, and try again\n";
  return exit_world;
}

int run(CLI::App& app, const Context& context, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return context.exit_code;
  } catch (const WrongUsage& error) {
    std::cerr << "siegel: " << error.what() << '\n';
    return exit_usage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  } catch (const siegel::Error& error) {
    std::cerr << "siegel: " << error.what() << '\n';
    return exit_code_of(error.fault());
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app{"Siegel, a secure e-mail gateway: the operator's command line"};
    Context context;
    add_commands(app, context);
    // A reader that has gone is no crash, and the work gets finished.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    siegel::keep_memory_private();
    return after_output(run(app, context, argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "siegel: internal error: " << error.what() << "; please report it\n";
    return exit_ours;
  }
}
