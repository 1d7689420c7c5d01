#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace siegel::tests {

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path& file, std::string_view octets) {
  std::ofstream out(file, std::ios::binary);
  out.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

/// The same for its owner's eyes only.
inline void write_secret(const std::filesystem::path& file, std::string_view octets) {
  write_file(file, octets);
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace siegel::tests
