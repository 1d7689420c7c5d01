#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "config/config.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

/// SoftHSM with tokens of its own ("siegel", "zweites" and "anderes") in a temporary folder.
/// SoftHSM reads SOFTHSM2_CONF once per process, so that there is one for a program: soft_hsm().
class SoftHsm {
 public:
  static constexpr auto pin = "geheim-4711-PIN";

  SoftHsm() {
    std::filesystem::create_directory(folder_ / "tokens");
    write_file(folder_ / "softhsm2.conf",
               "directories.tokendir = " + (folder_ / "tokens").string() + "\nlog.level = ERROR\n");
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    pin_file(pin);
    for (const char* label : {"siegel", "zweites", "anderes"}) add(label);
  }

  /// A file that holds `text`, as `token.pin` names it.
  std::filesystem::path pin_file(const std::string& text, const std::string& name = "pin") const {
    std::filesystem::remove(folder_ / name);
    write_file(folder_ / name, text);
    std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_read);
    return folder_ / name;
  }
  [[nodiscard]] config::TokenSettings settings(const std::string& label = "siegel") const {
    return {library, folder_ / "pin", label};
  }

  static constexpr auto library = "/usr/lib/softhsm/libsofthsm2.so";

 private:
  // As its maker's tool sets one up. SoftHSM sees those only that are there when it starts.
  static void add(const std::string& label) {
    const std::string command = "softhsm2-util --init-token --free --label " + label +
                                " --so-pin 12345678 --pin " + pin + " >/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("softhsm2-util has failed");
  }

  TemporaryDirectory folder_;
};

inline const SoftHsm& soft_hsm() {
  static const SoftHsm hsm;
  return hsm;
}

}  // namespace siegel::tests
