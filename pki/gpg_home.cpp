#include "pki/gpg_home.h"

#include <array>
#include <cerrno>
#include <fstream>

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"

namespace siegel::pki::gpg {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "home-";
constexpr std::string_view socket_name = "S.gpg-agent";

// STANDARDS §4.2. `batch` is GpgME's to say: it must not stand where a key is edited. The list of
// preferences is written out, for gpg 2.2.40 makes keys with none at all if 3DES is disabled. No
// import-minimal: it would take away what an operator's key brings, and expired user ids with it.
// Not `trust-model always`: that makes no trustdb, without which gpg 2.2.40 ends at the first
// revoked key; what is encrypted is told to trust always.
constexpr std::string_view gpg_conf = R"(no-tty
no-auto-key-locate
no-auto-key-retrieve
no-auto-key-import
disable-dirmngr
trust-model direct
no-auto-check-trustdb
weak-digest SHA1
weak-digest RIPEMD160
disable-cipher-algo 3DES
default-preference-list AES256 AES192 AES SHA512 SHA384 SHA256 ZLIB ZIP Uncompressed
personal-digest-preferences SHA512 SHA256
cert-digest-algo SHA512
no-random-seed-file
)";

constexpr std::string_view agent_conf = R"(disable-scdaemon
auto-expand-secmem
no-allow-external-cache
extra-socket none
browser-socket none
default-cache-ttl 86400
max-cache-ttl 604800
)";

/// An empty trust database, of trust model `always`. gpg makes none by itself where it imports
/// nothing of its own, and then gives up over the first key that has expired or is revoked.
constexpr std::string_view trust_database(
    "\x01gpg\x03\x03\x01\x05\x01\x02\0\0\x6b\x03\x75\xa0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0",
    40);

bool make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return true;
  if (errno == EEXIST) return false;
  throw system_error("mkdir " + path.string(), errno);
}

bool write_missing(const fs::path& file, std::string_view text) {
  if (fs::exists(file)) return false;
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.flush();
  if (!out) throw system_error("write " + file.string(), errno);
  return true;
}

sockaddr_un address_of(const fs::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

/// A connection to the agent of a home.
class Line {
 public:
  explicit Line(const fs::path& home) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_un address = address_of(home / socket_name);
    is_open_ = fd_ >= 0 &&
               ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_open() const { return is_open_; }
  /// True if there is somebody who greets: one that is being killed is connected to all the same.
  [[nodiscard]] bool is_greeted() const {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::array<char, 2> greeting{};
    return is_open_ && ::recv(fd_, greeting.data(), greeting.size(), MSG_WAITALL) == 2 &&
           greeting == std::array<char, 2>{'O', 'K'};
  }
  /// Says it and hears the agent out, until it hangs up.
  void say(std::string_view command) const {
    if (::send(fd_, command.data(), command.size(), MSG_NOSIGNAL) < 0) return;
    std::array<char, 256> answer{};
    while (::recv(fd_, answer.data(), answer.size(), 0) > 0) continue;
  }

 private:
  int fd_;
  bool is_open_ = false;
};

void end_agent(const fs::path& home) {
  const Line line(home);
  if (line.is_open()) line.say("KILLAGENT\n");
}

void discard(const fs::path& home) {
  end_agent(home);
  // The agent removes its sockets in the same moment.
  for (int i = 0; i < 3; ++i) {
    std::error_code gone;
    fs::remove_all(home, gone);
    if (!gone) return;
  }
}

}  // namespace

Home::Home(const fs::path& directory, std::string more)
    : directory_(directory),
      path_(directory / (std::string(prefix) + random_hex(4))),
      configuration_(std::string(gpg_conf) + std::move(more)) {
  restore();
}

Home::~Home() {
  discard(path_);
}

bool Home::restore() const {
  const std::lock_guard alone(restoring_);
  make_directory(directory_);
  bool was_missing = make_directory(path_);
  if (write_missing(path_ / "lock", {})) {
    lock_ = std::make_unique<Descriptor>(path_ / "lock", O_RDWR | O_CLOEXEC);
    ::flock(lock_->get(), LOCK_EX | LOCK_NB);
    was_missing = true;
  }
  // The agent makes it when it starts, and never again.
  was_missing = make_directory(path_ / "private-keys-v1.d") || was_missing;
  was_missing = write_missing(path_ / "gpg-agent.conf", agent_conf) || was_missing;
  was_missing = write_missing(path_ / "trustdb.gpg", trust_database) || was_missing;
  return write_missing(path_ / "gpg.conf", configuration_) || was_missing;
}

void Home::empty() const {
  discard(path_);
  restore();
}

Home::Agent Home::agent() const {
  struct stat about {};
  if (::stat((path_ / socket_name).c_str(), &about) != 0) return {};
  return {about.st_ino, about.st_ctim.tv_sec * 1'000'000'000 + about.st_ctim.tv_nsec};
}

bool Home::agent_answers() const {
  return Line(path_).is_greeted();
}

void Home::sweep(const fs::path& directory) {
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(directory, unreadable)) {
    if (!entry.path().filename().native().starts_with(prefix)) continue;
    const Descriptor lock(entry.path() / "lock", O_RDWR | O_CLOEXEC);
    if (lock.is_open() && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) discard(entry.path());
  }
}

}  // namespace siegel::pki::gpg
