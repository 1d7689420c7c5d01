#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace siegel::portal {

/// One file of a ZIP, and where its octets come from: the piece at an offset, none at the end.
struct ZipEntry {
  std::string name;  ///< harmless: safe_file_name()
  std::uint64_t octets = 0;
  std::function<std::function<std::string_view(std::uint64_t)>()> open;
};

/// A ZIP that is made while it is pulled, by libarchive: stored, not compressed, because what is
/// large is compressed already; ZIP64 where it is needed. Holds one piece at a time. Names that
/// stand twice get a number. For one thread.
class ZipStream {
 public:
  ZipStream(std::vector<ZipEntry> entries, Time modified);
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;
  ~ZipStream();

  /// The next octets; none at the end. Throws Error{ours} if the archive cannot be written, and
  /// what the entries throw.
  [[nodiscard]] std::string_view next();

 private:
  class Archive;
  std::unique_ptr<Archive> archive_;
};

}  // namespace siegel::portal
