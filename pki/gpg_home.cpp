#include "pki/gpg_home.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>

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

/// The file `lock` never stands there without being locked: a sweep in that moment would take the
/// home for a dead one's.
std::unique_ptr<Descriptor> make_lock(const fs::path& home) {
  const fs::path early = home / "lock.new";
  auto lock = std::make_unique<Descriptor>(early, O_RDWR | O_CREAT);
  if (!lock->is_open() || ::flock(lock->get(), LOCK_EX | LOCK_NB) != 0)
    throw system_error("lock " + early.string(), errno);
  if (::rename(early.c_str(), (home / "lock").c_str()) != 0)
    throw system_error("rename " + early.string(), errno);
  return lock;
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

/// A connection to the agent of a home. An agent that hangs is waited for ten seconds each time.
class Line {
 public:
  explicit Line(const fs::path& home) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);  // for connect() too
    const sockaddr_un address = address_of(home / socket_name);
    is_open_ = fd_ >= 0 &&
               ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    is_there_ = is_open_ || (fd_ >= 0 && errno == EAGAIN);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    if (fd_ >= 0) ::close(fd_);
  }
  /// True if there is somebody, though he may be too busy to take a connection.
  [[nodiscard]] bool is_there() const { return is_there_; }
  /// True if there is somebody who greets: one that is being killed is connected to all the same.
  [[nodiscard]] bool is_greeted() const {
    std::array<char, 2> greeting{};
    return is_open_ && ::recv(fd_, greeting.data(), greeting.size(), MSG_WAITALL) == 2 &&
           greeting == std::array<char, 2>{'O', 'K'};
  }
  /// The number of its process; 0 if it does not say.
  [[nodiscard]] pid_t process() const {
    if (!is_greeted() || ::send(fd_, "GETINFO pid\n", 12, MSG_NOSIGNAL) != 12) return 0;
    std::string answer;  // the rest of the greeting, "D 4711", "OK"
    std::array<char, 256> room{};
    while (answer.size() < 1000 && answer.find("\nOK") == std::string::npos) {
      const ssize_t heard = ::recv(fd_, room.data(), room.size(), 0);
      if (heard <= 0) return 0;
      answer.append(room.data(), static_cast<std::size_t>(heard));
    }
    const std::size_t at = answer.find("\nD ");
    pid_t number = 0;
    if (at != std::string::npos)
      std::from_chars(answer.data() + at + 3, answer.data() + answer.size(), number);
    return number;
  }
  /// Says it and hears the agent out. False if it has not hung up by then.
  [[nodiscard]] bool say(std::string_view command) const {
    if (::send(fd_, command.data(), command.size(), MSG_NOSIGNAL) < 0) return false;
    std::array<char, 256> answer{};
    ssize_t heard = 0;
    while ((heard = ::recv(fd_, answer.data(), answer.size(), 0)) > 0) continue;
    return heard == 0 || errno == ECONNRESET;
  }

 private:
  int fd_;
  bool is_open_ = false, is_there_ = false;
};

/// True for gpg and gpg-agent of this home: GpgME and gpg name it on their command lines.
bool works_in(const fs::path& process, const fs::path& home) {
  std::ifstream file(process / "cmdline", std::ios::binary);
  const std::string words{std::istreambuf_iterator<char>(file), {}};
  const std::string named = std::string("\0--homedir\0", 11) + home.string() + '\0';
  return words.starts_with("gpg") && words.find(named) != std::string::npos;
}

void kill_all(const fs::path& home) {
  std::error_code unreadable;
  for (fs::directory_iterator entry("/proc", unreadable); entry != fs::directory_iterator();
       entry.increment(unreadable)) {
    const std::string name = entry->path().filename();
    pid_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    const bool is_process = error == std::errc{} && end == name.data() + name.size();
    if (is_process && works_in(entry->path(), home)) ::kill(id, SIGKILL);
  }
}

/// False if there is one that does not end.
bool end_agent(const fs::path& home) {
  const Line line(home);
  return !line.is_there() || line.say("KILLAGENT\n");
}

void discard(const fs::path& home) {
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
  if (!end_agent(path_)) kill();
  discard(path_);
}

bool Home::restore() const {
  const std::lock_guard alone(restoring_);
  make_directory(directory_);
  bool was_missing = make_directory(path_);
  if (!fs::exists(path_ / "lock")) {
    lock_ = make_lock(path_);
    was_missing = true;
  }
  // The agent makes it when it starts, and never again.
  was_missing = make_directory(path_ / "private-keys-v1.d") || was_missing;
  was_missing = write_missing(path_ / "gpg-agent.conf", agent_conf) || was_missing;
  was_missing = write_missing(path_ / "trustdb.gpg", trust_database) || was_missing;
  return write_missing(path_ / "gpg.conf", configuration_) || was_missing;
}

void Home::empty() const {
  if (!end_agent(path_)) kill();
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

void Home::meet_agent() const {
  const Agent now = agent();
  if (now == Agent{} || now == met_.with([](const Met& met) { return met.agent; })) return;
  const Met met{now, Line(path_).process()};
  if (met.process > 0) met_.with([&](Met& last) { last = met; });
}

void Home::kill() const {
  kill_all(path_);
  const Met met = met_.with([](const Met& last) { return last; });
  // Its number may be another's as soon as it no longer takes connections.
  if (met.process > 0 && met.agent == agent() && Line(path_).is_there())
    ::kill(met.process, SIGKILL);
}

void Home::sweep(const fs::path& directory) {
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(directory, unreadable)) {
    if (!entry.path().filename().native().starts_with(prefix)) continue;
    const Descriptor lock(entry.path() / "lock", O_RDWR | O_CLOEXEC);
    if (!lock.is_open() || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (!end_agent(entry.path())) kill_all(entry.path());
    discard(entry.path());
  }
}

}  // namespace siegel::pki::gpg
