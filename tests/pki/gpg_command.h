#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// The gpg command line as a citizen uses it, in a home of its own.
class GpgCommand {
 public:
  GpgCommand();
  GpgCommand(const GpgCommand&) = delete;
  GpgCommand& operator=(const GpgCommand&) = delete;
  ~GpgCommand();

  struct Ran {
    int status = -1;
    std::string output;  ///< standard output
    std::string errors;
  };
  [[nodiscard]] Ran run(const std::vector<std::string>& arguments,
                        const std::string& input = {}) const;
  /// Its output; throws if it fails.
  std::string operator()(const std::vector<std::string>& arguments,
                         const std::string& input = {}) const;

  /// A key with this user id, a signing primary key and an encryption subkey; its fingerprint.
  std::string make(const std::string& user_id, const std::string& expires = "never") const;
  [[nodiscard]] std::string exported(const std::string& name) const {
    return (*this)({"--export", name});
  }
  /// The path of a file in its home that holds `octets`.
  [[nodiscard]] std::string file(const std::string& name, const std::string& octets) const;

 private:
  TemporaryDirectory folder_;
};

/// The process of the agent of a home; 0 if there is none.
int agent_of(const std::filesystem::path& home);

}  // namespace siegel::tests
