#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// OpenSSL's own CMP server (`openssl cmp -port 0`), which answers each request with the same
/// certificate, and knows one transaction at a time.
class CmpServer {
 public:
  /// Starts it with `options` and waits until it listens.
  explicit CmpServer(const std::vector<std::string>& options);
  CmpServer(const CmpServer&) = delete;
  CmpServer& operator=(const CmpServer&) = delete;
  ~CmpServer() { stop(); }

  void stop();
  [[nodiscard]] std::string url() const;
  /// What it has printed so far.
  [[nodiscard]] std::string log() const;

 private:
  [[nodiscard]] bool finds_port();

  TemporaryDirectory folder_;
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace siegel::tests
