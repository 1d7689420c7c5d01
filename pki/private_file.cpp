#include "pki/private_file.h"

#include <cerrno>
#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

namespace siegel::pki {
namespace {

/// systemd keeps a unit's credentials in a folder of their own that only the unit's user enters.
/// What looks like rights of a group may be the mask of the ACL that lets that user read
/// (systemd.exec(5), LoadCredential=).
bool is_credential(const std::filesystem::path& file) {
  const char* folder = ::secure_getenv("CREDENTIALS_DIRECTORY");
  return file.parent_path().parent_path() == "/run/credentials" ||
         (folder != nullptr && file.parent_path() == folder);
}

void demand_privacy(const Descriptor& open, const PrivateFile& file) {
  struct stat about {};
  if (::fstat(open.get(), &about) != 0 || !S_ISREG(about.st_mode))
    throw file.error("is no regular file; name the file that holds it");
  const mode_t others = is_credential(file.path) ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((about.st_mode & others) != 0)
    throw file.error("can be read by others; run `chmod 600` on it");
  // Root may look after the keys of a daemon that is not root, with the CLI.
  const bool is_ours = about.st_uid == ::geteuid() || about.st_uid == 0 || ::geteuid() == 0;
  if (!is_ours) throw file.error("belongs to another user; run `chown` on it");
}

/// How many octets of `room` it fills; without a stream, whose buffer would keep them.
std::size_t read_into(std::string& room, const Descriptor& open, const PrivateFile& file) {
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t got = ::read(open.get(), room.data() + size, room.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw file.error("cannot be read; check the disk", errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

}  // namespace

Descriptor::Descriptor(const std::filesystem::path& file, int flags)
    : fd_(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)) {}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Secret PrivateFile::read(std::size_t limit) const {
  const Descriptor open(path, O_RDONLY | O_NONBLOCK);
  if (!open.is_open() && errno == ELOOP)
    throw error("is a symbolic link; name the file itself", errno);
  if (!open.is_open()) throw error("cannot be read; " + if_missing, errno);
  demand_privacy(open, *this);
  // One octet more than `limit`, so that a file that is too large is noticed.
  std::string octets(limit + 1, '\0');
  const std::size_t size = read_into(octets, open, *this);
  Secret secret(std::move(octets));
  secret.cut(size);
  if (size > limit)
    throw error("is larger than " + std::to_string(limit) + " octets; name the right file");
  return secret;
}

Error PrivateFile::error(const std::string& what_to_do) const {
  return {Fault::ours, called + ' ' + printable(path.string()) + ' ' + what_to_do};
}

Error PrivateFile::error(const std::string& what_to_do, int error_number) const {
  return {Fault::ours, called + ' ' + printable(path.string()) + ' ' + what_to_do,
          system_error("open", error_number).detail()};
}

}  // namespace siegel::pki
