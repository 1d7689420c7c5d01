#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace siegel::pki::enrol {

/// A file of a batch.
struct BatchFile {
  std::string name;  ///< below the batch's folder, with '/'
  std::string octets;
};

/// A ZIP archive of these files in this order; the same files and stamp give the same archive.
/// Throws Error{ours} if it cannot be made.
/// @param stamp  the day that every file gets as its own; 1980 or later
[[nodiscard]] std::string zip_of(const std::vector<BatchFile>& files, Time stamp);

}  // namespace siegel::pki::enrol
