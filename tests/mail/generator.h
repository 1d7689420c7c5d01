#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace siegel::tests {

/// Random messages of many kinds, well-formed as a tree but with everything in their leaves and
/// heads that transport dislikes. The same seed gives the same messages.
class MessageGenerator {
 public:
  explicit MessageGenerator(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] std::string next();

 private:
  std::size_t below(std::size_t limit);
  bool one_in(std::size_t chances) { return below(chances) == 0; }

  std::string line();
  std::string text();
  std::string octets();
  std::string entity(int level);
  std::string leaf();
  std::string multipart(int level);
  std::string forwarded(int level);
  std::string content_fields();

  std::mt19937_64 random_;
  int boundaries_ = 0;
};

}  // namespace siegel::tests
