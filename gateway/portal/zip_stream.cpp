#include "gateway/portal/zip_stream.h"

#include <map>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/handle.h"

namespace siegel::portal {
namespace {

using Writer = Handle<archive, archive_write_free>;
using Header = Handle<archive_entry, archive_entry_free>;

/// "Plan.pdf", "Plan (2).pdf": nobody's file overwrites another's, also where case does not matter.
class Names {
 public:
  std::string unlike_others(const std::string& name) {
    const auto dot = name.rfind('.');
    const std::string stem = name.substr(0, dot);
    const std::string extension = dot == std::string::npos ? "" : name.substr(dot);
    int& number = next_[ascii::lower(name)];
    std::string tried = name;
    while (!taken_.insert(ascii::lower(tried)).second)
      tried = fmt::format("{} ({}){}", stem, ++number + 1, extension);
    return tried;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> next_;  // how many of a name there are, so that none is tried twice
};

la_ssize_t take(archive*, void* buffer, const void* octets, std::size_t size) {
  static_cast<std::string*>(buffer)->append(static_cast<const char*>(octets), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

/// libarchive pushes what we pull: each step lets it write a piece into `made_`.
class ZipStream::Archive {
 public:
  Archive(std::vector<ZipEntry> entries, Time modified)
      : entries_(std::move(entries)), modified_(modified), writer_(archive_write_new()) {
    check(archive_write_set_format_zip(writer_.get()));
    check(archive_write_set_options(writer_.get(), "zip:compression=store,hdrcharset=UTF-8"));
    check(archive_write_set_bytes_per_block(writer_.get(), 0));
    check(archive_write_open(writer_.get(), &made_, nullptr, take, nullptr));
  }

  std::string_view next() {
    made_.clear();
    while (made_.empty() && !is_closed_) step();
    return made_;
  }

 private:
  void step() {
    if (!piece_ && at_ < entries_.size()) return begin();
    if (!piece_) return close();
    const std::string_view octets = piece_(done_);
    if (octets.empty()) {
      piece_ = nullptr;
      ++at_;
      return;
    }
    if (archive_write_data(writer_.get(), octets.data(), octets.size()) !=
        static_cast<la_ssize_t>(octets.size()))
      throw failure();
    done_ += octets.size();
  }

  void begin() {
    const ZipEntry& entry = entries_[at_];
    const Header header(archive_entry_new());
    archive_entry_set_pathname_utf8(header.get(), names_.unlike_others(entry.name).c_str());
    archive_entry_set_filetype(header.get(), AE_IFREG);
    archive_entry_set_perm(header.get(), 0644);
    archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.octets));
    archive_entry_set_mtime(header.get(), to_unix(modified_), 0);
    check(archive_write_header(writer_.get(), header.get()));
    piece_ = entry.open();
    done_ = 0;
  }

  void close() {
    check(archive_write_close(writer_.get()));
    is_closed_ = true;
  }

  [[nodiscard]] Error failure() const {
    const char* const why = archive_error_string(writer_.get());
    return {Fault::ours, "the files cannot be packed; fetch them one by one",
            why == nullptr ? "libarchive gives no reason" : why};
  }
  void check(int result) const {
    if (result < ARCHIVE_WARN) throw failure();
  }

  std::vector<ZipEntry> entries_;
  Time modified_;
  std::string made_;
  Names names_;
  std::size_t at_ = 0;      // the entry that is being written
  std::uint64_t done_ = 0;  // octets of it
  std::function<std::string_view(std::uint64_t)> piece_;
  bool is_closed_ = false;
  Writer writer_;  // goes first: it may write to made_
};

ZipStream::ZipStream(std::vector<ZipEntry> entries, Time modified)
    : archive_(std::make_unique<Archive>(std::move(entries), modified)) {}

ZipStream::~ZipStream() = default;

std::string_view ZipStream::next() {
  return archive_->next();
}

}  // namespace siegel::portal
