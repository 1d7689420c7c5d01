#include "tests/pki/openssl_responder.h"

#include <chrono>
#include <csignal>
#include <regex>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <openssl/pem.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pki/openssl.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

std::string key_pem(const pki::PrivateKey& key) {
  const auto bio = pki::growing_bio();
  pki::checked(
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
      "PEM_write_bio_PrivateKey");
  return pki::octets_of(bio);
}

pid_t start(std::vector<std::string> words, const std::string& output) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = -1;
  posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

/// It says `ACCEPT 0.0.0.0:40123 PID=…` as soon as it listens.
std::string port_in(const std::string& output) {
  std::smatch match;
  return std::regex_search(output, match, std::regex("ACCEPT \\S*:(\\d+)")) ? match[1].str()
                                                                            : std::string();
}

// A line of `openssl ca`: status, end, day of revocation, serial number, file, subject.
std::string line(char status, const std::string& revoked, const pki::Certificate& certificate) {
  std::string serial = certificate.serial();
  if (serial.size() % 2 != 0) serial.insert(0, 1, '0');
  return std::string(1, status) + "\t991231235959Z\t" + revoked + '\t' + serial +
         "\tunknown\t/CN=x\n";
}

}  // namespace

OpensslResponder::OpensslResponder(const pki::LocalCa& authority, const pki::LocalCa& signer) {
  write_file(folder_ / "ca.pem", authority.certificate().pem());
  write_file(folder_ / "signer.pem", signer.certificate().pem() + key_pem(signer.key()));
  publish({});
  const std::string output = (folder_ / "output").string();
  process_ =
      start({"openssl", "ocsp", "-port", "0", "-index", (folder_ / "index.txt").string(), "-CA",
             (folder_ / "ca.pem").string(), "-rsigner", (folder_ / "signer.pem").string(), "-rkey",
             (folder_ / "signer.pem").string(), "-rmd", "sha256", "-nmin", "60", "-timeout", "5"},
            output);
  for (int i = 0; i < 1000 && port_.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (std::filesystem::exists(output)) port_ = port_in(read_file(output));
  }
  if (port_.empty()) throw std::runtime_error("openssl ocsp does not listen: " + read_file(output));
}

OpensslResponder::~OpensslResponder() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

// A new file by another name: the responder notices by the inode that it has changed.
void OpensslResponder::publish(const std::vector<pki::Certificate>& good,
                               const std::vector<pki::Certificate>& revoked) {
  std::string index;
  for (const auto& each : good) index += line('V', "", each);
  for (const auto& each : revoked) index += line('R', "260101000000Z,keyCompromise", each);
  write_file(folder_ / "index.new", index);
  std::filesystem::rename(folder_ / "index.new", folder_ / "index.txt");
}

}  // namespace siegel::tests
