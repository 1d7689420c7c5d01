#pragma once

#include <vector>

#include "config/config.h"
#include "config/tree.h"

namespace siegel::config {

/// As check_whole(), for what stands under `transfer:`; `node` is that section.
void check_transfer(const Config& config, const TreeNode& node, std::vector<Problem>& problems);

}  // namespace siegel::config
