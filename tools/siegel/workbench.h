#pragma once

#include <filesystem>
#include <memory>

#include "config/config.h"

namespace siegel::tools {

/// Where gpg works for one command: a folder of its own in memory, which is gone with the command.
/// The relay's stays untouched: its agent must not be ended by ours. Where OpenPGP is not set up,
/// there is none.
class Workbench {
 public:
  /// Throws Error{world} if no folder can be made.
  explicit Workbench(std::shared_ptr<const config::Config> config);
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;
  ~Workbench();

  /// The same configuration, with gpg at this workbench.
  [[nodiscard]] const std::shared_ptr<const config::Config>& config() const { return config_; }

 private:
  std::shared_ptr<const config::Config> config_;
  std::filesystem::path folder_;
};

}  // namespace siegel::tools
