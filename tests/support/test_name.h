#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace siegel::tests {

/// A parameter that is a file's name, as GoogleTest lets a test be called: without hyphens.
template <typename Text>
std::string test_name(const testing::TestParamInfo<Text>& file) {
  std::string name = file.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace siegel::tests
