#pragma once

#include <vector>

#include "config/profile.h"
#include "config/tree.h"

namespace siegel::config {

/// As check_whole(), for a CA profile.
void check_profile(const CaProfile& profile, const TreeNode& root, std::vector<Problem>& problems);

}  // namespace siegel::config
