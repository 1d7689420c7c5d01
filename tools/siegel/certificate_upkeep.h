#pragma once

#include "tools/siegel/command.h"

namespace siegel::tools {

/// `cert list`, `cert forecast`, `cert revoke`, `cert renew` and `cert reissue`.
void add_certificate_upkeep(CLI::App& cert, Context& context);

}  // namespace siegel::tools
