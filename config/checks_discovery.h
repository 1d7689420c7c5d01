#pragma once

#include <vector>

#include "config/config.h"
#include "config/tree.h"

namespace siegel::config {

/// What no single value under `discovery:` can tell.
void check_discovery(const Config& config, const TreeNode& node, std::vector<Problem>& problems);

}  // namespace siegel::config
