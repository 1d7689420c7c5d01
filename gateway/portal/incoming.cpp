#include "gateway/portal/incoming.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace siegel::portal {

Channel::State Incoming::more() {
  // On the stack, for while it waits it needs no memory of its own.
  std::array<char, 4096> octets{};
  const Channel::Got got = channel_.read(octets);
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_.append(octets.data(), got.octets);
  return got.state;
}

Channel::Got Incoming::read(std::span<char> octets) {
  if (buffered().empty()) return channel_.read(octets);
  const std::size_t count = std::min(octets.size(), buffered().size());
  std::memcpy(octets.data(), buffered().data(), count);
  consume(count);
  return {Channel::State::ready, count};
}

void Incoming::rest() {
  if (!buffered().empty()) return;
  std::string().swap(buffer_);
  taken_ = 0;
}

}  // namespace siegel::portal
