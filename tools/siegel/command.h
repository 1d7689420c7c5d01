#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/database.h"
#include "base/error.h"
#include "base/utf8.h"
#include "config/config.h"
#include "pki/import.h"
#include "pki/secret.h"
#include "pki/store.h"
#include "tools/siegel/table.h"

namespace siegel::tools {

/// Exit codes of `siegel`, documented in docs/CLI.md.
enum Exit : int {
  exit_ok = 0,
  exit_no = 1,     ///< the answer is no: not found, refused, not good
  exit_usage = 2,  ///< the command line or the configuration is wrong
  exit_world = 3,  ///< disk, database or network failed; try again
  exit_ours = 4,   ///< the set-up is broken or Siegel has a bug
};

/// What the operator gave us cannot be understood: exit code 2, whosever fault it would be in a
/// daemon.
class WrongUsage : public Error {
 public:
  explicit WrongUsage(const Error& error) : Error(error) {}
};

/// What every command shares: global options, and the exit code that it leaves.
struct Context {
  std::filesystem::path config_file = "/etc/siegel/siegel.yaml";
  bool json = false;
  int exit_code = exit_ok;

  /// The configuration named by --config; throws WrongUsage.
  [[nodiscard]] std::shared_ptr<const config::Config> config() const;

  /// Says what a command did: `text` to people, `fact` to scripts.
  void say(const Json& fact, const std::string& text) const;
};

/// Keys and trust of the installation, opened for one command in the user's name.
class OpenStore {
 public:
  explicit OpenStore(const Context& context);
  [[nodiscard]] pki::KeyStore& operator*() { return store_; }
  [[nodiscard]] pki::KeyStore* operator->() { return &store_; }
  [[nodiscard]] const Database& database() const { return database_; }

 private:
  std::shared_ptr<const config::Config> config_;
  SystemClock clock_;
  Database database_;
  pki::KeyStore store_;
};

/// Says on standard error what the operator should know although the command goes on.
void note(const std::string& text);

/// What `work` returns; an Error that it throws names `file`.
template <typename Work>
auto naming(const std::filesystem::path& file, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw Error(error.fault(), printable(file.string()) + ": " + error.said(), error.detail());
  }
}

/// The address that `text` names; throws WrongUsage if it is none.
[[nodiscard]] Address address_argument(const std::string& text);
/// "sign", "encrypt" or "sign+encrypt".
[[nodiscard]] std::string use_name(pki::CertificateUse use);
/// The octets of a file, or of standard input for "-"; at most `limit`. Throws Error{peer}.
[[nodiscard]] std::string read_argument(const std::filesystem::path& file,
                                        std::size_t limit = 64U << 20U);
/// The certificates and keys in a file (pki::read_bundle). Throws Error{peer} that names it.
[[nodiscard]] pki::Bundle read_bundle_argument(const std::filesystem::path& file,
                                               const std::string& password = {});
/// The first line of a file: how passwords are given, never on the command line. Of an empty path:
/// none.
[[nodiscard]] pki::Secret read_password(const std::filesystem::path& file);

/// An option that takes one value and may be given several times. (CLI11's own default for a vector
/// swallows all words that follow.)
template <typename T>
CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<T>& values,
                          const std::string& text) {
  return command.add_option(name, values, text + "; may be repeated")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// Each adds its nouns and verbs to the application.
void add_config_commands(CLI::App& app, Context& context);
void add_mailbox_commands(CLI::App& app, Context& context);
void add_certificate_commands(CLI::App& app, Context& context);
void add_trust_commands(CLI::App& app, Context& context);
void add_peer_commands(CLI::App& app, Context& context);
void add_publish_commands(CLI::App& app, Context& context);
void add_queue_commands(CLI::App& app, Context& context);
void add_explain_command(CLI::App& app, Context& context);
void add_ca_commands(CLI::App& app, Context& context);
void add_key_commands(CLI::App& app, Context& context);
void add_enrol_commands(CLI::App& app, Context& context);
void add_audit_commands(CLI::App& app, Context& context);
void add_transfer_commands(CLI::App& app, Context& context);

}  // namespace siegel::tools
