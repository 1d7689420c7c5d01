#include "tools/siegel/workbench.h"

#include <cerrno>
#include <cstdlib>

#include "base/error.h"

namespace siegel::tools {
namespace {

/// Secret keys without passphrase lie here for a moment: not on a disk, if that can be helped.
std::filesystem::path in_memory() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code ignored;
  return std::filesystem::is_directory(memory, ignored) ? memory
                                                        : std::filesystem::temp_directory_path();
}

/// Mode 0700.
std::filesystem::path new_folder() {
  std::string form = (in_memory() / "siegel.XXXXXX").string();
  if (::mkdtemp(form.data()) == nullptr)
    throw system_error("cannot make a folder for gpg in " + in_memory().string(), errno);
  return form;
}

}  // namespace

Workbench::Workbench(std::shared_ptr<const config::Config> config) : config_(std::move(config)) {
  if (!config_->openpgp) return;
  folder_ = new_folder();
  config::Config changed = *config_;
  changed.openpgp->directory = folder_;
  config_ = std::make_shared<const config::Config>(std::move(changed));
}

Workbench::~Workbench() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace siegel::tools
