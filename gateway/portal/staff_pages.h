#pragma once

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// What staff see and do: /new and /transfers (send_pages.cpp), /transfers/{id} and what changes
/// one (manage_pages.cpp), /invite (invite_pages.cpp). Who is not signed in is sent to /sign-in.
/// REQUIRES: `desk` lives longer than the router.
void add_sending_pages(Router& router, const Desk& desk);
void add_managing_pages(Router& router, const Desk& desk);
void add_inviting_pages(Router& router, const Desk& desk);

/// A handler for those who are signed in only.
using StaffHandler = Response (*)(const Desk&, const Visitor&, Request&);
void add_staff_route(Router& router, const Desk& desk, std::string_view method,
                     std::string_view pattern, StaffHandler handler);

}  // namespace siegel::portal
