#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace siegel::config {

/// One fault of a configuration text.
struct Problem {
  std::uint32_t line = 0;    ///< from 1
  std::uint32_t column = 0;  ///< from 1
  std::string text;          ///< what is wrong and what to write instead
};

/// What came of reading a configuration: either `config` is set and `problems` is empty, or the
/// other way round. All problems are reported at once.
struct Loaded {
  std::shared_ptr<const Config> config;
  std::vector<Problem> problems;
};

/// Reads YAML text. Never throws for bad text: limits are 1 MiB, 32 levels, 10,000 nodes, no
/// aliases.
[[nodiscard]] Loaded parse(std::string_view yaml, const std::filesystem::path& file);

/// Reads a file; throws Error{ours} with one `file:line:column: text` line per problem.
[[nodiscard]] std::shared_ptr<const Config> load(const std::filesystem::path& file);

/// "siegel.yaml:3:5: unknown key "lisen"; did you mean "listen"?"
[[nodiscard]] std::string describe(const Problem& problem, const std::filesystem::path& file);

/// Every key at its default with its explanation: the text of config/siegel.yaml.
[[nodiscard]] std::string annotated_defaults();

}  // namespace siegel::config
