#include "base/blob.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace siegel {
namespace {

/// An open file descriptor, closed on every way out.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      : number_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (number_ < 0) throw system_error("open " + file.string(), errno);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::size_t size_of(int open, const std::filesystem::path& file) {
  struct stat status {};
  if (::fstat(open, &status) != 0) throw system_error("stat " + file.string(), errno);
  // A pipe or device has no size to trust, a folder no octets.
  if (!S_ISREG(status.st_mode)) throw system_error("read " + file.string(), EINVAL);
  return static_cast<std::size_t>(status.st_size);
}

std::string read_all(int open, std::size_t size, const std::filesystem::path& file) {
  std::string octets(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(open, octets.data() + done, size - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error("read " + file.string(), errno);
    if (got == 0) break;  // cut while we read: what is there is what the file holds now
    done += static_cast<std::size_t>(got);
  }
  octets.resize(done);
  return octets;
}

}  // namespace

Blob::Blob(std::string octets) {
  auto owned = std::make_shared<const std::string>(std::move(octets));
  view_ = *owned;
  owner_ = std::move(owned);
}

Blob Blob::from_file(const std::filesystem::path& file) {
  const Descriptor open(file);
  return from_descriptor(open.number(), file);
}

Blob Blob::from_descriptor(int descriptor, const std::filesystem::path& name) {
  const std::size_t size = size_of(descriptor, name);
  if (size <= map_threshold) return Blob(read_all(descriptor, size, name));

  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (start == MAP_FAILED) throw system_error("mmap " + name.string(), errno);
  const std::shared_ptr<const void> owner(start, [size](void* mapped) { ::munmap(mapped, size); });
  return {owner, std::string_view(static_cast<const char*>(start), size)};
}

Blob Blob::slice(std::string_view part) const {
  return {owner_, part};
}

Octets& Octets::append(Blob blob) {
  if (blob.empty()) return *this;
  size_ += blob.size();
  slices_.push_back(std::move(blob));
  return *this;
}

Octets& Octets::append(const Octets& more) {
  // By index: `more` may be this very sequence, which grows meanwhile.
  const std::size_t count = more.slices_.size();
  for (std::size_t i = 0; i < count; ++i) append(Blob(more.slices_[i]));
  return *this;
}

Blob Octets::join() const {
  if (slices_.size() == 1) return slices_.front();
  std::string all;
  all.reserve(size_);
  for (const Blob& slice : slices_) all += slice.view();
  return Blob(std::move(all));
}

}  // namespace siegel
