#include "gateway/portal/body.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace siegel::portal {

Body Body::of(std::string text) {
  struct Rest {
    std::string text;
    std::size_t taken = 0;
  };
  const std::size_t length = text.size();
  auto rest = std::make_shared<Rest>(Rest{std::move(text), 0});
  const Source source = [rest](std::span<char> octets) -> std::optional<std::size_t> {
    const std::size_t count = std::min(octets.size(), rest->text.size() - rest->taken);
    std::memcpy(octets.data(), rest->text.data() + rest->taken, count);
    rest->taken += count;
    return count;
  };
  return {source, length};
}

std::optional<std::size_t> Body::try_read(std::span<char> octets) {
  if (!source_ || octets.empty()) return 0;
  return source_(octets);
}

std::size_t Body::read(std::span<char> octets) {
  if (const auto count = try_read(octets)) return *count;
  throw Error(Fault::peer, "The request broke off before its end. Please send it again.");
}

std::optional<std::string> Body::text(std::size_t limit) {
  constexpr std::size_t step = 16384;
  if (length_ && *length_ > limit) return std::nullopt;
  std::string all;
  while (all.size() <= limit) {
    const std::size_t before = all.size();
    all.resize(before + std::min(step, limit + 1 - before));
    const std::size_t count = read(std::span(all).subspan(before));
    all.resize(before + count);
    if (count == 0) return all;
  }
  return std::nullopt;
}

}  // namespace siegel::portal
