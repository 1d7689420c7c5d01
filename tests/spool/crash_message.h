#pragma once

#include <string>

namespace siegel::tests {

/// The message that belongs to this id: some 20 KB in which every line names it, so that a torn or
/// mixed-up one is seen.
inline std::string crash_message(const std::string& id) {
  std::string text;
  for (int line = 0; line < 700; ++line) text += id + ' ' + std::to_string(line) + "\r\n";
  return text;
}

}  // namespace siegel::tests
