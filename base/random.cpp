#include "base/random.h"

#include <cerrno>

#include <sys/random.h>

#include "base/error.h"
#include "base/hex.h"

namespace siegel {

std::string random_hex(std::size_t octets) {
  std::string random(octets, '\0');
  std::size_t done = 0;
  while (done < octets) {
    const ssize_t got = ::getrandom(random.data() + done, octets - done, 0);
    if (got < 0 && errno != EINTR) throw system_error("getrandom", errno);
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return hex(random);
}

}  // namespace siegel
