#include "base/disk.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"

namespace siegel {
namespace {

/// A descriptor whose closing is checked: a full NFS or quota may speak up only then.
class OpenFile {
 public:
  OpenFile(const Disk::Path& path, int flags)
      : path_(path), number_(::open(path.c_str(), flags, 0600)) {
    if (number_ < 0) throw system_error("open " + path_.string(), errno);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }

  void write_all(std::string_view octets) {
    while (!octets.empty()) {
      const ssize_t written = ::write(number_, octets.data(), octets.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw system_error("write " + path_.string(), errno);
      octets.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void give_to_folder_owner() { siegel::give_to_folder_owner(number_, path_); }
  void sync() {
    if (::fsync(number_) != 0) throw system_error("fsync " + path_.string(), errno);
  }
  void close() {
    const int number = std::exchange(number_, -1);
    if (::close(number) != 0) throw system_error("close " + path_.string(), errno);
  }

 private:
  const Disk::Path& path_;
  int number_;
};

struct stat status_of_folder(const Disk::Path& file) {
  struct stat folder {};
  const Disk::Path parent = file.has_parent_path() ? file.parent_path() : Disk::Path(".");
  if (::stat(parent.c_str(), &folder) != 0) throw system_error("look at " + parent.string(), errno);
  return folder;
}

Error file_error(std::string_view what, const Disk::Path& path, const std::error_code& code) {
  return system_error(std::string(what) + " " + path.string(), code.value());
}

}  // namespace

void PosixDisk::make_directory(const Path& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0)
    throw system_error("mkdir " + directory.string(), errno);
}

void PosixDisk::write(const Path& file, const Octets& octets) {
  OpenFile open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  open.give_to_folder_owner();
  for (const Blob& slice : octets.slices()) open.write_all(slice.view());
  open.sync();
  open.close();
}

void PosixDisk::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw system_error("rename to " + to.string(), errno);
}

void PosixDisk::sync_directory(const Path& directory) {
  OpenFile open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  open.sync();
}

void PosixDisk::remove(const Path& path) {
  std::error_code code;
  std::filesystem::remove_all(path, code);
  if (code) throw file_error("remove", path, code);
}

Blob PosixDisk::read(const Path& file) const {
  return Blob::from_file(file);
}

bool PosixDisk::exists(const Path& path) const {
  std::error_code code;
  const bool is_there = std::filesystem::exists(path, code);
  if (code) throw file_error("look at", path, code);
  return is_there;
}

std::vector<std::string> PosixDisk::list(const Path& directory) const {
  std::error_code code;
  std::filesystem::directory_iterator entry(directory, code);
  if (code == std::errc::no_such_file_or_directory) return {};
  if (code) throw file_error("list", directory, code);
  std::vector<std::string> names;
  while (entry != std::filesystem::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(code);
    if (code) throw file_error("list", directory, code);
  }
  std::ranges::sort(names);
  return names;
}

std::uint64_t PosixDisk::free_octets(const Path& directory) const {
  std::error_code code;
  const auto space = std::filesystem::space(directory, code);
  if (code) throw file_error("statfs", directory, code);
  return space.available;
}

void replace_file(Disk& disk, const Disk::Path& file, const Octets& octets) {
  const Disk::Path beside = file.string() + "." + random_hex(4) + ".new";
  try {
    disk.write(beside, octets);
    disk.rename(beside, file);
  } catch (const Error&) {
    disk.remove(beside);  // on a full disk, every octet that is left behind makes it worse
    throw;
  }
  disk.sync_directory(file.has_parent_path() ? file.parent_path() : ".");
}

void give_to_folder_owner(int open_file, const Disk::Path& file) {
  if (::geteuid() != 0) return;
  const struct stat folder = status_of_folder(file);
  if (folder.st_uid == 0) return;
  if (::fchown(open_file, folder.st_uid, folder.st_gid) != 0)
    throw system_error("give " + file.string() + " to the owner of its folder", errno);
}

void share_with_folder_group(int open_file, const Disk::Path& file) {
  if ((status_of_folder(file).st_mode & S_IWGRP) == 0) return;
  // A file that somebody else made is his to share.
  if (::fchmod(open_file, 0660) != 0 && errno != EPERM)
    throw system_error("share " + file.string() + " with the group of its folder", errno);
}

}  // namespace siegel
