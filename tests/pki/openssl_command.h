#pragma once

#include <string>
#include <vector>

namespace siegel::tests {

/// How the openssl command ended and what it printed (standard output and error).
struct Ran {
  int status = -1;
  std::string output;
};

/// Runs `openssl` with `arguments`, without a shell.
Ran openssl(const std::vector<std::string>& arguments);

}  // namespace siegel::tests
