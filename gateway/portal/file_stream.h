#pragma once

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// One file, whole or in part (RFC 9110 §14): a download that broke off is resumed, because the
/// sealed file never changes and its id is a strong entity tag. When the end has been sent, its
/// owner is told once for each recipient and file.
[[nodiscard]] Response give_file(const Desk& desk, const transfer::Ticket& ticket,
                                 const Request& request);

/// All files as one ZIP, made while it is sent (zip_stream.h).
[[nodiscard]] Response give_all(const Desk& desk, const transfer::Ticket& ticket,
                                const Request& request);

}  // namespace siegel::portal
