#pragma once

#include <vector>

#include "config/config.h"
#include "config/tree.h"

namespace siegel::config {

/// Reports what no single value can tell: settings that contradict each other, that would be
/// ignored without a word, or that open the relay to everybody. A part in which problems were
/// found already is left out, because what was read of it means nothing.
void check_whole(const Config& config, const TreeNode& root, std::vector<Problem>& problems);

}  // namespace siegel::config
