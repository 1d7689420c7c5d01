#include "gateway/smtp/scratch.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

namespace siegel::smtp {
namespace {

constexpr std::size_t write_size = std::size_t{256} << 10U;

int open_nameless(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  return ::memfd_create("siegel-message", MFD_CLOEXEC);
}

}  // namespace

Scratch::~Scratch() {
  if (file_ >= 0) ::close(file_);
}

void Scratch::append(std::string_view octets) {
  buffer_ += octets;
  if (file_ < 0 && buffer_.size() > Blob::map_threshold) spill();
  if (file_ >= 0 && buffer_.size() >= write_size) flush();
}

void Scratch::spill() {
  file_ = open_nameless(directory_);
  if (file_ < 0) throw system_error("scratch file in " + directory_.string(), errno);
  flush();
  buffer_.shrink_to_fit();
}

void Scratch::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_error("write scratch file in " + directory_.string(), errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

Blob Scratch::take() {
  if (file_ < 0) return Blob(std::exchange(buffer_, {}));
  flush();
  Blob octets = Blob::from_descriptor(file_, directory_ / "(scratch file)");
  ::close(std::exchange(file_, -1));
  return octets;
}

}  // namespace siegel::smtp
