#pragma once

#include "gateway/portal/connection.h"

namespace siegel::portal {

/// The path that load balancers ask: never limited, never logged.
inline constexpr std::string_view health_path = "/health";

/// The unit of work: limits, route, handler, and what becomes of its errors. Never throws.
[[nodiscard]] Response dispatch(const Shared& shared, Request& request);

/// The page of a problem.
[[nodiscard]] Response problem_page(const Shared& shared, const Problem& problem,
                                    const Request& request);

}  // namespace siegel::portal
