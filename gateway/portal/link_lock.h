#pragma once

#include <string>

#include "gateway/portal/visitor.h"

/// What pages with a password have in common.
namespace siegel::portal {

/// Its owner hears that a link was just locked, after too many wrong passwords.
void tell_of_lock(const Desk& desk, const transfer::Visit& visit);

/// "29": begun ones count.
[[nodiscard]] std::string minutes_until(Time when, Time now);

}  // namespace siegel::portal
