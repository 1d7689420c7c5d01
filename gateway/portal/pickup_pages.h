#pragma once

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// The door of a message that waits for its recipient: /m/{secret} shows who has written and asks
/// for the password or the code, /m/{secret}/code sends one; what is right leads to /v/{ticket}
/// (message_pages.h). GET uses nothing up. Works without JavaScript. REQUIRES: `desk` lives longer
/// than the router.
void add_pickup_pages(Router& router, const Desk& desk);

}  // namespace siegel::portal
