#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"

namespace siegel::portal {

/// So many of something in a period, with the whole number at once if none came for long.
struct Rate {
  std::uint32_t count = 0;
  std::chrono::seconds period{60};
};

/// How much one client may ask of us: connections at one time, and rates of anything that has a
/// name ("requests", "new uploads"). A client is an IPv4 address or an IPv6 /64. Memory is bounded:
/// when `most_entries` of rates are in use, newcomers share one entry for each name, so that a
/// flood of addresses makes itself slow and not us large. Thread-safe.
class ClientLimits {
 public:
  explicit ClientLimits(const Clock& clock, std::size_t most_entries = 65536)
      : clock_(clock), most_entries_(most_entries) {}

  /// Takes one of `what`. Nothing if there was one to take, else after how many seconds there will
  /// be one again (RFC 9110 §10.2.3, Retry-After), at least 1.
  [[nodiscard]] std::optional<std::chrono::seconds> take(std::string_view what,
                                                         const std::string& ip, const Rate& rate);

  /// A connection comes: false if there are `in_total` or, of this client, `of_client` already.
  [[nodiscard]] bool enter(const std::string& ip, std::uint32_t of_client, std::uint32_t in_total);
  /// It goes. REQUIRES: enter() was true.
  void leave(const std::string& ip);
  [[nodiscard]] std::uint32_t connections() const;

 private:
  // The moment at which the bucket is full again (GCRA, ITU-T I.371): one number holds all.
  struct Buckets {
    std::unordered_map<std::string, Time> full_again;
    Time swept;  ///< when those that are full were last thrown away
  };
  struct Present {
    std::uint32_t total = 0;
    std::map<std::string, std::uint32_t> of_client;
  };

  Time& bucket(Buckets& buckets, std::string_view what, const std::string& ip, Time now) const;

  const Clock& clock_;
  std::size_t most_entries_;
  Guarded<Buckets> buckets_;
  Guarded<Present> present_;
};

}  // namespace siegel::portal
