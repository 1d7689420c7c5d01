#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace siegel::tools {

/// Is told how much of a long work is done, and of how much.
using Progress = std::function<void(std::size_t done, std::size_t of)>;

/// A bar on standard error, where somebody looks at it; else nothing.
[[nodiscard]] Progress progress_bar(const std::string& what);

}  // namespace siegel::tools
