#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/portal/channel.h"

namespace siegel::portal {

/// What a client sends, with room for what was read too far: the head comes into a buffer, a body
/// goes straight to where it is wanted. For one thread.
class Incoming {
 public:
  explicit Incoming(Channel& channel) : channel_(channel) {}

  /// Waits for octets and puts them behind what is buffered.
  [[nodiscard]] Channel::State more();
  /// Octets that were buffered, else from the channel.
  [[nodiscard]] Channel::Got read(std::span<char> octets);

  [[nodiscard]] std::string_view buffered() const {
    return std::string_view(buffer_).substr(taken_);
  }
  void consume(std::size_t octets) { taken_ += octets; }
  /// Gives the memory back if nothing is buffered: there may be thousands who wait.
  void rest();

 private:
  Channel& channel_;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace siegel::portal
