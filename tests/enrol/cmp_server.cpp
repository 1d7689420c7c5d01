#include "tests/enrol/cmp_server.h"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>

#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"

namespace siegel::tests {
CmpServer::CmpServer(const std::vector<std::string>& options) {
  std::vector<std::string> words{"cmp", "-config", "", "-verbosity", "7", "-port", "0"};
  words.insert(words.end(), options.begin(), options.end());
  write_file(folder_ / "log", "");
  child_ = start_openssl(words, folder_ / "log");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!finds_port()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("openssl cmp does not listen: " + log());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void CmpServer::stop() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  child_ = -1;
}

std::string CmpServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/pkix/";
}

std::string CmpServer::log() const {
  return read_file(folder_ / "log");
}

bool CmpServer::finds_port() {
  constexpr std::string_view mark = "ACCEPT [::]:";
  const std::string text = log();
  const auto at = text.find(mark);
  if (at == std::string::npos || text.find('\n', at) == std::string::npos) return false;
  port_ = static_cast<std::uint16_t>(std::stoi(text.substr(at + mark.size())));
  return true;
}

}  // namespace siegel::tests
