#include "base/clock.h"

#include <sys/timex.h>

namespace siegel {

bool SystemClock::is_synchronised() const {
  timex question{};  // nothing in it is to be set
  const int answer = ::adjtimex(&question);
  return answer != -1 && answer != TIME_ERROR && (question.status & STA_UNSYNC) == 0;
}

}  // namespace siegel
