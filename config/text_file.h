#pragma once

#include <filesystem>
#include <string>

namespace siegel::config {

/// The octets of a configuration file; of one that is longer than a tree may be, one octet more
/// than the limit, so that read_tree() refuses it. Throws Error{ours} if it cannot be read.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& file);

}  // namespace siegel::config
