#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace siegel::pki {

/// Where a revocation list is fetched from by HTTP.
struct ListLocation {
  std::string host;
  std::uint16_t port = 80;
  std::string target;  ///< path and query, as they stand in the request line

  bool operator==(const ListLocation&) const = default;
};

/// An `http://` URL without user name and password. Throws Error{peer} saying what is wrong
/// with any other text; URLs come from the configuration and from a server's redirection.
[[nodiscard]] ListLocation parse_list_url(std::string_view url);

struct FetchLimits {
  std::uint64_t octets = 50U << 20U;
  /// For all of it: look-up of the name, connection, redirections and answer. GuardedFetch alone
  /// can cut the look-up short; fetch_list waits for the system's resolver, however long it takes.
  std::chrono::milliseconds time{20'000};
  int redirections = 3;
};

/// The octets of a configured source: an `http://` URL, or the path of a file. A redirection is
/// followed on the same host and port only. There is no proxy, no cookie, no log-in and no other
/// scheme. Throws Error{world} with a reason fit for the operator if it cannot be had now,
/// Error{ours} if the source as it is configured can never be had.
[[nodiscard]] std::string fetch_list(const std::string& source, const FetchLimits& limits = {});

}  // namespace siegel::pki
