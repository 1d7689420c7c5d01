#pragma once

#include <chrono>
#include <cstdint>

namespace siegel::portal {

/// How long clients are waited for. What a handler does counts nowhere: a slow disk is not the
/// client's fault.
struct Patience {
  /// From the first octet, or from the connection's begin, to the end of the head.
  std::chrono::milliseconds head{std::chrono::seconds(30)};
  /// Between two requests.
  std::chrono::milliseconds idle{std::chrono::seconds(75)};
  /// In each `window` of waiting for a body to come or for a response to go, at least `progress`
  /// octets must have moved: 1 KiB/s.
  std::chrono::milliseconds window{std::chrono::seconds(60)};
  std::uint64_t progress = std::uint64_t{60} * 1024;
  /// How long a client that still sends what nobody wants is listened to after the last response.
  std::chrono::milliseconds linger{std::chrono::seconds(2)};
};

}  // namespace siegel::portal
