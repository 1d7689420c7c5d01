#pragma once

#include <unistd.h>

#include "base/disk.h"

namespace siegel::tests {

/// The operating system's file system, at whose next change the whole process can end, as by
/// kill -9: nothing is cleaned up.
class MortalDisk final : public Disk {
 public:
  static constexpr int death = 9;  ///< the exit code

  void die_at_next_rename() { is_doomed_ = true; }

  void make_directory(const Path& directory) override { disk_.make_directory(directory); }
  void write(const Path& file, const Octets& octets) override { disk_.write(file, octets); }
  void rename(const Path& from, const Path& to) override {
    if (is_doomed_) ::_exit(death);
    disk_.rename(from, to);
  }
  void sync_directory(const Path& directory) override { disk_.sync_directory(directory); }
  void remove(const Path& path) override { disk_.remove(path); }
  [[nodiscard]] Blob read(const Path& file) const override { return disk_.read(file); }
  [[nodiscard]] bool exists(const Path& path) const override { return disk_.exists(path); }
  [[nodiscard]] std::vector<std::string> list(const Path& directory) const override {
    return disk_.list(directory);
  }
  [[nodiscard]] std::uint64_t free_octets(const Path& directory) const override {
    return disk_.free_octets(directory);
  }

 private:
  PosixDisk disk_;
  bool is_doomed_ = false;
};

}  // namespace siegel::tests
