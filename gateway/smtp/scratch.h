#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/blob.h"

namespace siegel::smtp {

/// Octets that arrive piece by piece and end as a Blob. Up to Blob::map_threshold they are kept on
/// the heap, beyond it in a file without a name in `directory` (in memory that is no heap, if the
/// directory's file system cannot do that), so that a message of 50 MB costs no heap and a crash
/// leaves nothing behind. What is here is not durable: the spool's own copy is.
class Scratch {
 public:
  explicit Scratch(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  /// Throws Error{world} if the disk refuses.
  void append(std::string_view octets);
  /// All of it; the Scratch is empty afterwards. Throws Error{world}.
  [[nodiscard]] Blob take();

 private:
  void spill();
  void flush();

  std::filesystem::path directory_;
  std::string buffer_;
  int file_ = -1;
};

}  // namespace siegel::smtp
