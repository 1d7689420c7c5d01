#include "pki/private_file.h"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace siegel::pki {
namespace {

void demand_privacy(const Descriptor& open, const PrivateFile& file) {
  struct stat about {};
  if (::fstat(open.get(), &about) != 0 || !S_ISREG(about.st_mode))
    throw file.error("is no regular file; name the file that holds it");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw file.error("can be read by others; run `chmod 600` on it");
  // Root may look after the keys of a daemon that is not root, with the CLI.
  const bool is_ours = about.st_uid == ::geteuid() || about.st_uid == 0 || ::geteuid() == 0;
  if (!is_ours) throw file.error("belongs to another user; run `chown` on it");
}

}  // namespace

Descriptor::Descriptor(const std::filesystem::path& file, int flags)
    : fd_(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)) {}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string PrivateFile::read() const {
  const Descriptor open(path, O_RDONLY);
  if (!open.is_open()) throw error("cannot be read; " + if_missing, errno);
  demand_privacy(open, *this);
  std::string text(256, '\0');
  const ssize_t size = ::read(open.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

Error PrivateFile::error(const std::string& what_to_do) const {
  return {Fault::ours, called + ' ' + path.string() + ' ' + what_to_do};
}

Error PrivateFile::error(const std::string& what_to_do, int error_number) const {
  return {Fault::ours, called + ' ' + path.string() + ' ' + what_to_do,
          system_error("open", error_number).detail()};
}

}  // namespace siegel::pki
