#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace siegel::pki {

/// The IP addresses of a host name; none if there is no such host. May throw Error{world}. Called
/// in a thread of its own.
using LookUp = std::function<std::vector<std::string>(const std::string& host)>;

/// Asks the system's resolver.
[[nodiscard]] std::vector<std::string> system_look_up(const std::string& host);

/// `look_up(host)` within `time`, else an Error{world}. The system's resolver cannot be
/// interrupted; what comes too late is dropped.
[[nodiscard]] std::vector<std::string> look_up_within(const LookUp& look_up,
                                                      const std::string& host,
                                                      std::chrono::milliseconds time);

}  // namespace siegel::pki
