#pragma once

#include <string>
#include <vector>

namespace siegel::tests {

/// What a program of the system answered: standard output and error in one text.
struct Answer {
  int exit_code = -1;
  std::string text;
};

/// Runs `words` (the program is looked up in PATH) and waits for its end.
Answer run(const std::vector<std::string>& words);

}  // namespace siegel::tests
