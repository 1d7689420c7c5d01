#pragma once

#include <filesystem>
#include <memory>

#include "config/config.h"

namespace siegel::tools {

/// A folder for gpg of this user's own, in memory where there is such a place. Throws Error{world}
/// if there can be none.
[[nodiscard]] std::filesystem::path own_workbench();

/// The same configuration, but gpg works in a folder of this user's own in memory, not in the
/// relay's: commands are given before the relay has run, and perhaps by root. What a command that
/// was killed has left there, the next one removes (Gpg). Where OpenPGP is not set up, nothing is
/// changed. Throws Error{world} if there can be no such folder.
[[nodiscard]] std::shared_ptr<const config::Config> at_own_workbench(
    std::shared_ptr<const config::Config> config);

}  // namespace siegel::tools
