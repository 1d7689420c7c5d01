#include "gateway/transfer/file_store.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/error.h"

namespace siegel::transfer {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view blob_ending = ".blob", tail_ending = ".tail";
/// Writing begins while more comes in: the sync at the end then has little left to wait for.
constexpr std::uint64_t write_behind_octets = std::uint64_t{8} << 20U;

class OpenFile {
 public:
  OpenFile(fs::path path, int flags)
      : path_(std::move(path)), number_(::open(path_.c_str(), flags | O_CLOEXEC, 0640)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] Error error(const std::string& what) const {
    return system_error(what + ' ' + path_.string(), errno);
  }

  [[nodiscard]] std::uint64_t size() const {
    struct stat status {};
    if (::fstat(number_, &status) != 0) throw error("stat");
    return static_cast<std::uint64_t>(status.st_size);
  }
  std::size_t read(std::uint64_t offset, std::span<char> into) const {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(number_, into.data() + done, into.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw error("read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }
  void write(std::span<const char> octets) const {
    while (!octets.empty()) {
      const ssize_t written = ::write(number_, octets.data(), octets.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw error("write");
      octets = octets.subspan(static_cast<std::size_t>(written));
    }
  }

 private:
  fs::path path_;
  int number_;
};

class AppendingFile final : public BlobStore::Appending {
 public:
  explicit AppendingFile(const fs::path& path)
      : file_(path, O_RDWR | O_CREAT | O_APPEND), folder_(path.parent_path()) {
    if (!file_.is_open()) throw file_.error("open");
    give_to_folder_owner(file_.number(), path);
    share_with_folder_group(file_.number(), path);
    size_ = started_ = file_.size();
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<char> into) const override {
    return file_.read(offset, into);
  }
  void append(std::span<const char> octets) override {
    file_.write(octets);
    size_ += octets.size();
    if (size_ - started_ < write_behind_octets) return;
    // Only a hint to the kernel: sync() decides.
    static_cast<void>(::sync_file_range(file_.number(), static_cast<off64_t>(started_),
                                        static_cast<off64_t>(size_ - started_),
                                        SYNC_FILE_RANGE_WRITE));
    started_ = size_;
  }
  void cut(std::uint64_t size) override {
    if (size == size_) return;
    if (::ftruncate(file_.number(), static_cast<off_t>(size)) != 0) throw file_.error("truncate");
    size_ = started_ = size;
  }
  void sync() override {
    if (::fdatasync(file_.number()) != 0) throw file_.error("sync");
    if (is_named_) return;
    PosixDisk().sync_directory(folder_);
    is_named_ = true;
  }

 private:
  OpenFile file_;
  fs::path folder_;
  std::uint64_t size_ = 0;
  std::uint64_t started_ = 0;  // what lies before it is on its way to the disk
  bool is_named_ = false;      // the name is durable
};

class ReadingFile final : public BlobStore::Reading {
 public:
  explicit ReadingFile(const fs::path& path) : file_(path, O_RDONLY) {
    if (!file_.is_open() && errno != ENOENT) throw file_.error("open");
  }
  [[nodiscard]] bool is_there() const { return file_.is_open(); }
  [[nodiscard]] std::uint64_t size() const override { return file_.size(); }
  std::size_t read(std::uint64_t offset, std::span<char> into) const override {
    return file_.read(offset, into);
  }

 private:
  OpenFile file_;
};

/// A group that shares the parent shares the folder. The units set a umask by which that needs no
/// chmod, which their sandbox would refuse for the set-group-ID bit.
void make_folder(const fs::path& folder) {
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : ".";
  if (::mkdir(folder.c_str(), 0770) != 0) {
    if (errno != EEXIST) throw system_error("mkdir " + folder.string(), errno);
    return;
  }
  const auto wanted = fs::status(parent).permissions() & ~fs::perms::others_all;
  if (fs::status(folder).permissions() != wanted) fs::permissions(folder, wanted);
  PosixDisk().sync_directory(parent);
}

/// Nothing if it has gone in the meantime.
std::optional<Time> changed(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return from_unix(status.st_mtime);
  if (errno == ENOENT) return std::nullopt;
  throw system_error("stat " + path.string(), errno);
}

/// Whose file it is, whatever ending it has: a kill may leave half-written ones beside it.
std::optional<FileId> owner_of(const std::string& name) {
  return FileId::parse(std::string_view(name).substr(0, name.find('.')));
}

bool is_shelf(const std::string& name) {
  constexpr std::string_view digits = "0123456789abcdef";
  return name.size() == 2 && name.find_first_not_of(digits) == std::string::npos;
}

}  // namespace

FileStore::FileStore(fs::path directory) : directory_(std::move(directory)) {
  make_folder(directory_);
}

fs::path FileStore::path(const FileId& file, std::string_view ending) const {
  return directory_ / file.str().substr(0, 2) / (file.str() + std::string(ending));
}

void FileStore::make_shelf(const FileId& file) const {
  make_folder(path(file, blob_ending).parent_path());
}

std::unique_ptr<BlobStore::Appending> FileStore::append(const FileId& file) {
  make_shelf(file);
  return std::make_unique<AppendingFile>(path(file, blob_ending));
}

std::unique_ptr<BlobStore::Reading> FileStore::read(const FileId& file) const {
  auto reading = std::make_unique<ReadingFile>(path(file, blob_ending));
  if (!reading->is_there()) return nullptr;
  return reading;
}

void FileStore::put_tail(const FileId& file, std::string_view octets) {
  PosixDisk disk;
  replace_file(disk, path(file, tail_ending), Octets(Blob(std::string(octets))));
}

std::string FileStore::tail(const FileId& file) const {
  const ReadingFile reading(path(file, tail_ending));
  if (!reading.is_there()) return {};
  std::string octets(reading.size(), '\0');
  octets.resize(reading.read(0, octets));
  return octets;
}

void FileStore::remove(const FileId& file) {
  PosixDisk disk;
  const fs::path shelf = path(file, blob_ending).parent_path();
  if (!disk.exists(shelf)) return;
  for (const std::string& name : disk.list(shelf))
    if (owner_of(name) == file) disk.remove(shelf / name);
}

std::vector<BlobStore::Stored> FileStore::list() const {
  std::map<std::string, Stored> found;
  for (const std::string& shelf : PosixDisk().list(directory_)) {
    if (!is_shelf(shelf)) continue;
    for (const std::string& name : PosixDisk().list(directory_ / shelf)) {
      const auto file = owner_of(name);
      const auto when = file ? changed(directory_ / shelf / name) : std::nullopt;
      if (!when) continue;
      const auto known = found.try_emplace(file->str(), Stored{*file, *when}).first;
      known->second.changed = std::max(known->second.changed, *when);
    }
  }
  std::vector<Stored> all;
  all.reserve(found.size());
  for (const auto& [id, stored] : found) all.push_back(stored);
  return all;
}

std::uint64_t FileStore::free_octets() const {
  return PosixDisk().free_octets(directory_);
}

}  // namespace siegel::transfer
