#pragma once

#include "gateway/portal/problem.h"
#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// The first page, the statement on accessibility, what pages load (/assets), and robots.txt.
/// REQUIRES: `desk` lives longer than the router.
void add_plain_pages(Router& router, const Desk& desk);

/// The page for a request that is not served.
[[nodiscard]] Response problem_page(const Desk& desk, const Problem& problem,
                                    const Request& request);

}  // namespace siegel::portal
