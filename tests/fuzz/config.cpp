// A configuration text: whatever it holds, there is either a configuration or a list of problems
// with places inside the text, and nothing is thrown.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/load.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = siegel::config::parse(text, "/etc/siegel/siegel.yaml");
  demand((loaded.config == nullptr) == !loaded.problems.empty());
  for (const auto& problem : loaded.problems) {
    demand(problem.line >= 1 && problem.line <= size + 1);
    demand(problem.column >= 1 && problem.column <= size + 1);
    demand(!problem.text.empty() && problem.text.find('\n') == std::string::npos);
  }
  if (loaded.config)
    demand(!loaded.config->domains.empty() && !loaded.config->relay.listen.empty());
  return 0;
}
