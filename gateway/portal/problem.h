#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace siegel::portal {

/// Why a request is not served.
struct Problem {
  int status = 500;  ///< RFC 9110 §15
  std::string said;  ///< for the client: what to do next
  std::optional<std::chrono::seconds> retry_after;
};

/// "Not Found": RFC 9110 §15; "" for a status that this service never sends.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace siegel::portal
