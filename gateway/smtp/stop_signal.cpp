#include "gateway/smtp/stop_signal.h"

#include <cerrno>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

namespace siegel::smtp {

StopSignal::StopSignal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw system_error("eventfd", errno);
}

StopSignal::~StopSignal() {
  ::close(descriptor_);
}

void StopSignal::raise(Moment last_moment) {
  last_moment_ = last_moment;
  raised_ = true;
  static_cast<void>(::eventfd_write(descriptor_, 1));  // fails only if it is readable already
}

}  // namespace siegel::smtp
