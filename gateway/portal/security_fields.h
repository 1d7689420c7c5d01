#pragma once

#include <string_view>

#include "gateway/portal/client.h"
#include "gateway/portal/response.h"

namespace siegel::portal {

/// Adds what every response has to carry, in this one place: Content-Security-Policy without
/// inline script or style, no framing, no referrer, no guessing of types, no storing, no indexing,
/// no sharing with other origins; and HSTS (RFC 6797 §7.2) if the browser came by https. A field
/// that the handler has set itself is left alone.
void add_security_fields(Response& response, const Client& client);

/// For a page with a form whose answer sends the browser on to `origin`: browsers count that as a
/// destination of the form (CSP 3 §6.4.1).
void allow_forms_to(std::string_view origin, Response& response);

}  // namespace siegel::portal
