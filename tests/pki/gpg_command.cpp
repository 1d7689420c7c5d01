#include "tests/pki/gpg_command.h"

#include <cstdlib>
#include <stdexcept>

#include "tests/support/files.h"

namespace siegel::tests {
namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

int shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

GpgCommand::GpgCommand() {
  std::filesystem::create_directory(folder_ / "home");
  std::filesystem::permissions(folder_ / "home", std::filesystem::perms::owner_all);
}

GpgCommand::~GpgCommand() {
  shell("gpgconf --homedir " + quoted(folder_ / "home") + " --kill all 2>/dev/null");
}

GpgCommand::Ran GpgCommand::run(const std::vector<std::string>& arguments,
                                const std::string& input) const {
  const TemporaryDirectory io;
  write_file(io / "in", input);
  std::string command = "gpg --homedir " + quoted(folder_ / "home") +
                        " --batch --yes --no-tty --pinentry-mode loopback --passphrase '' "
                        "--trust-model always";
  for (const std::string& word : arguments) command += ' ' + quoted(word);
  const int status = shell(command + " <" + quoted(io / "in") + " >" + quoted(io / "out") + " 2>" +
                           quoted(io / "err"));
  return {status, read_file(io / "out"), read_file(io / "err")};
}

std::string GpgCommand::operator()(const std::vector<std::string>& arguments,
                                   const std::string& input) const {
  Ran ran = run(arguments, input);
  if (ran.status != 0) throw std::runtime_error("gpg has failed: " + ran.errors);
  return std::move(ran.output);
}

std::string GpgCommand::make(const std::string& user_id, const std::string& expires) const {
  (*this)(
      {"--allow-freeform-uid", "--quick-gen-key", user_id, "future-default", "default", expires});
  const std::string listed = (*this)({"--with-colons", "--list-keys"});
  const std::size_t at = listed.rfind("\nfpr:", listed.rfind("\nuid:"));
  return listed.substr(listed.find_first_of("0123456789ABCDEF", at + 5), 40);
}

std::string GpgCommand::file(const std::string& name, const std::string& octets) const {
  write_file(folder_ / name, octets);
  return folder_ / name;
}

int agent_of(const std::filesystem::path& home) {
  const TemporaryDirectory io;
  shell("gpg-connect-agent --no-autostart --homedir " + quoted(home) + " 'getinfo pid' /bye >" +
        quoted(io / "out") + " 2>/dev/null");
  const std::string answer = read_file(io / "out");
  return answer.starts_with("D ") ? std::stoi(answer.substr(2)) : 0;
}

}  // namespace siegel::tests
