#include "base/private_memory.h"

#include <cerrno>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/error.h"

namespace siegel {

void keep_memory_private() {
  rlimit core{};
  if (::getrlimit(RLIMIT_CORE, &core) != 0)
    throw system_error("read the limit of core files", errno);
  // Where the service manager has set it already, its filter may forbid the call.
  const rlimit none{0, 0};
  const bool is_none = core.rlim_cur == 0 && core.rlim_max == 0;
  if (!is_none && ::setrlimit(RLIMIT_CORE, &none) != 0)
    throw system_error("forbid core files", errno);
  // A handler that the kernel pipes core files to does not heed the limit.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) throw system_error("forbid core files", errno);
}

}  // namespace siegel
