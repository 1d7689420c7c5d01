#pragma once

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace siegel::bench {

/// Prints a table of pairs: benchmarks are called `operation/ours` and `operation/peer`, and each
/// pair gets one line with both times and their ratio, from one run.
class RatioReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  struct Pair {
    double ours = 0, peer = 0;  ///< microseconds of CPU per iteration
  };
  std::vector<std::string> order_;
  std::map<std::string, Pair> pairs_;
};

}  // namespace siegel::bench
