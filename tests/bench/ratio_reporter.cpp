#include "tests/bench/ratio_reporter.h"

#include <fmt/core.h>

namespace siegel::bench {

bool RatioReporter::ReportContext(const Context&) {
  fmt::print("{:34} {:>12} {:>12} {:>8}\n", "operation", "Siegel µs", "bare µs", "ratio");
  return true;
}

void RatioReporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.error_occurred) {
      fmt::print("{} failed: {}\n", run.benchmark_name(), run.error_message);
      continue;
    }
    const std::string name = run.run_name.function_name;
    const auto slash = name.rfind('/');
    const std::string operation = name.substr(0, slash);
    if (!pairs_.contains(operation)) order_.push_back(operation);
    Pair& pair = pairs_[operation];
    const double microseconds =
        run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e6;
    (name.substr(slash + 1) == "ours" ? pair.ours : pair.peer) = microseconds;
  }
}

void RatioReporter::Finalize() {
  for (const std::string& operation : order_) {
    const Pair& pair = pairs_[operation];
    const std::string ratio = pair.peer > 0 ? fmt::format("{:.2f}", pair.ours / pair.peer) : "-";
    fmt::print("{:34} {:12.1f} {:12.1f} {:>8}\n", operation, pair.ours, pair.peer, ratio);
  }
}

}  // namespace siegel::bench
