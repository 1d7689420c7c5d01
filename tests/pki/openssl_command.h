#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace siegel::tests {

/// How the openssl command ended and what it printed (standard output and error).
struct Ran {
  int status = -1;
  std::string output;
};

/// Runs `openssl` with `arguments`, without a shell.
Ran openssl(const std::vector<std::string>& arguments);

/// Starts it and does not wait: what it prints goes to `output`. Negative if it cannot be started.
pid_t start_openssl(const std::vector<std::string>& arguments, const std::filesystem::path& output);

}  // namespace siegel::tests
