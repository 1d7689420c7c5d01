#pragma once

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// What recipients see and do: /d/{secret} shows a parcel and, by POST, makes a ticket; /f/{ticket}
/// gives out a file, with ranges, and /f/{ticket}/all all of them as a ZIP. GET of a link uses
/// nothing up. Works without JavaScript. REQUIRES: `desk` lives longer than the router.
void add_download_pages(Router& router, const Desk& desk);

}  // namespace siegel::portal
