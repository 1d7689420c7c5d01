#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace siegel::tests {

/// One C++ file of the house: path relative to the source root, and its text.
struct Source {
  std::string path;
  std::string text;
};

inline bool is_cpp(const std::filesystem::path& file) {
  return file.extension() == ".h" || file.extension() == ".cpp";
}

/// All C++ files below the given top-level folders.
inline std::vector<Source> sources(const std::vector<std::string>& folders) {
  const std::filesystem::path root = SIEGEL_SOURCE;
  std::vector<Source> found;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !is_cpp(entry.path())) continue;
      found.push_back(
          {std::filesystem::relative(entry.path(), root).string(), read_file(entry.path())});
    }
  }
  return found;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

}  // namespace siegel::tests
