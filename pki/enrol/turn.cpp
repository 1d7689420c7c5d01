#include "pki/enrol/turn.h"

#include <cerrno>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"

namespace siegel::pki::enrol {

std::optional<Turn> Turn::take(const std::filesystem::path& folder,
                               std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause{100};
  const auto end = std::chrono::steady_clock::now() + patience;
  Turn turn(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (turn.number_ < 0) throw system_error("open " + folder.string(), errno);
  // A lock of the folder itself: no file whose owner and mode could shut the other one out.
  while (::flock(turn.number_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw system_error("lock " + folder.string(), errno);
    if (std::chrono::steady_clock::now() >= end) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
  return turn;
}

Turn::Turn(Turn&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Turn::~Turn() {
  if (number_ >= 0) ::close(number_);
}

}  // namespace siegel::pki::enrol
