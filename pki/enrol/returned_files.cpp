#include "pki/enrol/returned_files.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include <zip.h>

#include "base/handle.h"
#include "base/utf8.h"

namespace siegel::pki::enrol {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_limit = 10'000;
constexpr std::uint64_t file_limit = std::uint64_t{16} << 20U;
constexpr std::uint64_t all_limit = std::uint64_t{256} << 20U;

constexpr auto unreadable =
    "is still being written, or cannot be read; see to its permissions, import it again";

using ZipHandle = Handle<zip_t, zip_discard>;
void close_member(zip_file_t* member) {
  zip_fclose(member);
}
using MemberHandle = Handle<zip_file_t, close_member>;

class Reading {
 public:
  explicit Reading(const std::function<void(const ReturnedFile&)>& take) : take_(take) {}

  void read(const fs::path& path) {
    std::error_code error;
    const auto status = fs::symlink_status(path, error);
    if (fs::is_directory(status)) return read_folder(path);
    if (!fs::is_regular_file(status))
      return complain(path.string(), "is not there, or no file; check the name");
    read_file(path);
  }

  void read_octets(const std::string& name, const std::string& octets) {
    if (octets.starts_with("PK\x03\x04")) return read_archive(name, octets);
    give(name, octets);
  }

  std::vector<Trouble> finish() && { return std::move(troubles_); }

 private:
  void complain(const std::string& name, std::string text) {
    troubles_.push_back({printable(name), std::move(text)});
  }

  /// In the order of names, so that two runs tell the same story.
  void read_folder(const fs::path& top) {
    std::vector<fs::path> names;
    std::vector<fs::path> folders{top};
    while (!folders.empty()) {
      const fs::path folder = std::move(folders.back());
      folders.pop_back();
      list_folder(folder, names, folders);
    }
    std::ranges::sort(names);
    for (const fs::path& name : names) read_file(name);
  }

  void list_folder(const fs::path& folder, std::vector<fs::path>& names,
                   std::vector<fs::path>& folders) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      std::error_code vanished;  // then it is neither
      const auto status = at->symlink_status(vanished);
      if (fs::is_directory(status)) folders.push_back(at->path());
      if (fs::is_regular_file(status)) names.push_back(at->path());
    }
    if (error)
      complain(folder.string(),
               "cannot be read: " + error.message() + "; see to its permissions, import it again");
  }

  void read_file(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) return complain(file.string(), unreadable);
    if (!has_room(file.string(), size)) return;
    std::ifstream in(file, std::ios::binary);
    // One more than there should be, to see whether it grows.
    std::string octets(static_cast<std::size_t>(size) + 1, '\0');
    in.read(octets.data(), static_cast<std::streamsize>(octets.size()));
    if (static_cast<std::uint64_t>(in.gcount()) != size) return complain(file.string(), unreadable);
    octets.resize(static_cast<std::size_t>(size));
    read_octets(file.string(), octets);
  }

 private:
  bool has_room(const std::string& name, std::uint64_t octets) {
    files_ += 1;
    if (octets > file_limit && files_ <= files_limit) {
      complain(name, "is larger than 16 MiB and was not read; certificates are small files");
      return false;
    }
    octets_ += octets;
    const bool has = files_ <= files_limit && octets_ <= all_limit;
    if (!has && !is_full_)
      complain(name,
               "and what follows was not read: more than 10,000 files or 256 MiB; import it "
               "in parts");
    is_full_ = is_full_ || !has;
    return has;
  }

  void give(const std::string& name, std::string octets) {
    take_({printable(name), std::move(octets)});
  }

  void read_archive(const std::string& name, const std::string& octets) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(octets.data(), octets.size(), 0, &error);
    const ZipHandle archive(source == nullptr ? nullptr
                                              : zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive) {
      if (source != nullptr) zip_source_free(source);
      zip_error_fini(&error);
      return complain(name, "is a damaged ZIP archive; have it sent again");
    }
    const auto members = static_cast<std::uint64_t>(zip_get_num_entries(archive.get(), 0));
    for (std::uint64_t i = 0; i < members && !is_full_; ++i) read_member(name, archive.get(), i);
    zip_error_fini(&error);
  }

  void read_member(const std::string& archive_name, zip_t* archive, std::uint64_t index) {
    zip_stat_t facts;
    if (zip_stat_index(archive, index, 0, &facts) != 0) return;
    const std::string member_name = archive_name + ": " + facts.name;
    if (member_name.ends_with('/')) return;
    // The directory of a ZIP may lie about sizes: what comes out is counted as well.
    if (!has_room(member_name, facts.size)) return;
    const MemberHandle member(zip_fopen_index(archive, index, 0));
    std::string octets(static_cast<std::size_t>(facts.size) + 1, '\0');
    const auto got = member ? zip_fread(member.get(), octets.data(), octets.size()) : -1;
    if (got < 0 || static_cast<std::uint64_t>(got) != facts.size)
      return complain(member_name,
                      "cannot be unpacked (damaged, encrypted, or of a false size); "
                      "have it sent again, without a password on the archive");
    octets.resize(static_cast<std::size_t>(got));
    give(member_name, std::move(octets));
  }

  const std::function<void(const ReturnedFile&)>& take_;
  std::vector<Trouble> troubles_;
  std::uint64_t files_ = 0, octets_ = 0;
  bool is_full_ = false;
};

}  // namespace

std::vector<Trouble> read_returned(const std::vector<fs::path>& files,
                                   const std::function<void(const ReturnedFile&)>& take) {
  Reading reading(take);
  for (const fs::path& file : files) reading.read(file);
  return std::move(reading).finish();
}

std::vector<Trouble> unpack(const ReturnedFile& file,
                            const std::function<void(const ReturnedFile&)>& take) {
  Reading reading(take);
  reading.read_octets(file.name, file.octets);
  return std::move(reading).finish();
}

}  // namespace siegel::pki::enrol
