#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// One file that came back, wherever it was.
struct ReturnedFile {
  std::string name;  ///< path, or "archive.zip: member", printable
  std::string octets;
};

/// Reads files, folders at all levels and ZIP archives, one file at a time, and hands each to
/// `take`. What cannot be read, is too large, or grows while it is read becomes trouble. Limits:
/// 10,000 files, 16 MiB each, 256 MiB in all; links are not followed. A ZIP inside a ZIP is not
/// opened.
[[nodiscard]] std::vector<Trouble> read_returned(
    const std::vector<std::filesystem::path>& files,
    const std::function<void(const ReturnedFile&)>& take);

/// The same for one file whose octets are there already: itself, or what is in the ZIP archive.
[[nodiscard]] std::vector<Trouble> unpack(const ReturnedFile& file,
                                          const std::function<void(const ReturnedFile&)>& take);

}  // namespace siegel::pki::enrol
