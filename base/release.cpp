#include "base/release.h"

namespace siegel {
namespace {

using namespace std::chrono;

// Raised with each release. Written here and not taken from the build, so that the same sources
// always make the same program.
constexpr auto released = sys_days{year{2026} / January / 1};

}  // namespace

Time release_time() noexcept {
  return released;
}

}  // namespace siegel
