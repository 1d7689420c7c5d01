#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "config/tree.h"

namespace siegel::config {

/// How much a YAML text may hold. Besides: 32 levels, no aliases, anchors or tags.
struct TreeLimits {
  std::size_t octets = std::size_t{1} << 20U;  ///< whole MiB
  std::size_t nodes = 10000;                   ///< keys, values, lists and maps
};

/// The tree of the only document of `yaml`, or nothing if it is no YAML. Never throws for bad text:
/// what is wrong goes to `problems`, with its place.
[[nodiscard]] std::optional<TreeNode> read_tree(std::string_view yaml, const TreeLimits& limits,
                                                std::vector<Problem>& problems);

}  // namespace siegel::config
