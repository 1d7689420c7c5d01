#include "gateway/spool/locks.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "gateway/spool/fingerprint.h"

namespace siegel::spool {
namespace {

constexpr off_t owner_octet = 0;

/// Never the owner's octet, never negative.
off_t octet_of(std::string_view id) {
  return static_cast<off_t>(fingerprint(id) >> 2U) + 1;
}

struct ::flock one_octet(off_t at, short kind) {
  struct ::flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  range.l_start = at;
  range.l_len = 1;
  return range;
}

bool try_octet(int file, off_t at) {
  struct ::flock range = one_octet(at, F_WRLCK);
  if (::fcntl(file, F_OFD_SETLK, &range) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  throw system_error("lock an item of the spool", errno);
}

}  // namespace

Locks::Locks(const std::filesystem::path& file, Open how)
    : number_(::open(file.c_str(), O_RDWR | O_CLOEXEC | (how == Open::create ? O_CREAT : 0),
                     S_IRUSR | S_IWUSR)) {
  const bool may_be_missing = how == Open::existing && errno == ENOENT;
  if (number_ < 0 && !may_be_missing) throw system_error("open " + file.string(), errno);
}

Locks::~Locks() {
  if (number_ >= 0) ::close(number_);
}

bool Locks::try_own() const {
  return try_octet(number_, owner_octet);
}

bool Locks::try_lock(std::string_view id) const {
  return try_octet(number_, octet_of(id));
}

void Locks::unlock(std::string_view id) const noexcept {
  struct ::flock range = one_octet(octet_of(id), F_UNLCK);
  static_cast<void>(::fcntl(number_, F_OFD_SETLK, &range));  // fails only on a bad descriptor
}

}  // namespace siegel::spool
