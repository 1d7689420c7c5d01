#include "tools/siegel/progress.h"

#include <iostream>

#include <unistd.h>

namespace siegel::tools {

Progress progress_bar(const std::string& what) {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [what](std::size_t done, std::size_t of) {
    constexpr std::size_t width = 40;
    const std::size_t full = of == 0 ? width : done * width / of;
    std::cerr << '\r' << what << " [" << std::string(full, '#') << std::string(width - full, ' ')
              << "] " << done << '/' << of << (done == of ? "\n" : "") << std::flush;
  };
}

}  // namespace siegel::tools
