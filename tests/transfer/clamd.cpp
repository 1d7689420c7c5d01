#include "tests/transfer/clamd.h"

#include <csignal>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "tests/support/files.h"

namespace siegel::tests {

std::string Clamd::eicar() {
  return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-") + "ANTIVIRUS-TEST-FILE!$H+H*";
}

Clamd::Clamd() {
  write_settings();
  start();
}

void Clamd::write_settings() const {
  std::filesystem::create_directory(folder_ / "signatures");
  write_file(
      folder_ / "signatures" / "tests.ndb",
      "Eicar-Test-Signature:0:0:" + hex(eicar()) + "\nSiegel-Test-Virus:0:*:" + hex(virus) + "\n");
  write_file(folder_ / "clamd.conf",
             "Foreground yes\nLocalSocket " + path() + "\nDatabaseDirectory " +
                 (folder_ / "signatures").string() + "\nStreamMaxLength " +
                 std::to_string(stream_limit) + "\nLogFile " + (folder_ / "log").string() +
                 "\nConcurrentDatabaseReload no\n");
}

void Clamd::start() {
  process_ = ::fork();
  if (process_ == 0) {
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    const std::string settings = "--config-file=" + (folder_ / "clamd.conf").string();
    ::execlp("clamd", "clamd", settings.c_str(), nullptr);
    ::_exit(127);
  }
  constexpr int tries = 600;
  for (int i = 0; i < tries && !std::filesystem::exists(path()); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (!std::filesystem::exists(path()))
    throw std::runtime_error("clamd does not start: " + read_file(folder_ / "log"));
}

Clamd::~Clamd() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace siegel::tests
