#include "base/private_memory.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace siegel::tests {
namespace {

/// Whether this process may leave a core file, as an exit code.
int core_files() {
  rlimit core{};
  ::getrlimit(RLIMIT_CORE, &core);
  const bool may = core.rlim_cur != 0 || core.rlim_max != 0;
  return (may ? 1 : 0) + (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ? 2 : 0);
}

TEST(PrivateMemoryDeathTest, LeavesNoCoreFile) {
  const auto run = [] {
    keep_memory_private();
    keep_memory_private();
    std::_Exit(core_files());
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace siegel::tests
