#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/blob.h"

namespace siegel {

/// Seam: the durable store under the spool. What `write` returned from and what was renamed
/// survives a power cut only after `sync_directory` of the folder that holds the name; a test
/// replaces this class by one that forgets everything else. All functions throw Error{world} when
/// the system refuses. Thread-safe; two threads must not write the same path.
class Disk {
 public:
  using Path = std::filesystem::path;

  Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  /// Makes one folder, mode 0700. An existing one is an error.
  virtual void make_directory(const Path& directory) = 0;
  /// Creates `file` (mode 0600, an existing one is an error), writes `octets` and fsyncs it.
  virtual void write(const Path& file, const Octets& octets) = 0;
  /// Atomic. An existing file `to` is replaced; an existing non-empty folder `to` is an error.
  virtual void rename(const Path& from, const Path& to) = 0;
  /// Makes the names in `directory` durable.
  virtual void sync_directory(const Path& directory) = 0;
  /// Removes a file, or a folder with all it holds. What is not there is no error.
  virtual void remove(const Path& path) = 0;

  [[nodiscard]] virtual Blob read(const Path& file) const = 0;
  [[nodiscard]] virtual bool exists(const Path& path) const = 0;
  /// Names (not paths) in `directory`, sorted; a missing folder has none.
  [[nodiscard]] virtual std::vector<std::string> list(const Path& directory) const = 0;
  /// Octets that can still be written below `directory`.
  [[nodiscard]] virtual std::uint64_t free_octets(const Path& directory) const = 0;
};

/// The operating system's file system.
class PosixDisk final : public Disk {
 public:
  void make_directory(const Path& directory) override;
  void write(const Path& file, const Octets& octets) override;
  void rename(const Path& from, const Path& to) override;
  void sync_directory(const Path& directory) override;
  void remove(const Path& path) override;
  [[nodiscard]] Blob read(const Path& file) const override;
  [[nodiscard]] bool exists(const Path& path) const override;
  [[nodiscard]] std::vector<std::string> list(const Path& directory) const override;
  [[nodiscard]] std::uint64_t free_octets(const Path& directory) const override;
};

/// Replaces `file` as a whole: writes beside it, fsyncs, renames, syncs the folder. A reader sees
/// the old or the new octets, never a mixture; so does the machine after a power cut.
void replace_file(Disk& disk, const Disk::Path& file, const Octets& octets);

/// Root may look after the files of a daemon that is not root, with the CLI: a file that it makes
/// belongs to whoever owns the folder, as SQLite does it with its own. Does nothing for anybody but
/// root. Throws Error{world}.
void give_to_folder_owner(int open_file, const Disk::Path& file);
/// For what two daemons share by a group: lets the group of the folder read and write the file, if
/// it may write to the folder. Throws Error{world}.
void share_with_folder_group(int open_file, const Disk::Path& file);

}  // namespace siegel
