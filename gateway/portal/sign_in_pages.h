#pragma once

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// Staff sign in by a link that is mailed to their address: /sign-in, /sign-in/{secret}, /sign-out.
/// REQUIRES: `desk` lives longer than the router.
void add_sign_in_pages(Router& router, const Desk& desk);

}  // namespace siegel::portal
