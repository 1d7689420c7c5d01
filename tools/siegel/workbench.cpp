#include "tools/siegel/workbench.h"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace siegel::tools {
namespace {

namespace fs = std::filesystem;

constexpr mode_t owner_only = 0700;
constexpr mode_t for_others = 0077;

/// Secret keys without passphrase lie here for a moment: not on a disk, if that can be helped.
fs::path in_memory() {
  const fs::path memory = "/dev/shm";
  std::error_code ignored;
  return fs::is_directory(memory, ignored) ? memory : fs::temp_directory_path();
}

}  // namespace

fs::path own_workbench() {
  const fs::path folder = in_memory() / ("siegel-" + std::to_string(::geteuid()));
  if (::mkdir(folder.c_str(), owner_only) != 0 && errno != EEXIST)
    throw system_error("make the folder " + folder.string() + " for gpg", errno);
  struct stat found {};
  const bool is_ours = ::lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
                       found.st_uid == ::geteuid() && (found.st_mode & for_others) == 0;
  if (is_ours) return folder;
  throw Error(Fault::world, folder.string() +
                                " was made by somebody else, or is open to others; remove it and "
                                "try again");
}

std::shared_ptr<const config::Config> at_own_workbench(
    std::shared_ptr<const config::Config> config) {
  if (!config->openpgp) return config;
  config::Config changed = *config;
  changed.openpgp->directory = own_workbench();
  return std::make_shared<const config::Config>(std::move(changed));
}

}  // namespace siegel::tools
