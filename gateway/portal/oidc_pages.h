#pragma once

#include "gateway/portal/oidc_issuer.h"
#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// Where the sign-in by OpenID Connect begins (POST) and where the issuer sends browsers back to
/// (GET): what it has to know as our redirect URI, behind `transfer.url`.
inline constexpr std::string_view oidc_path = "/sign-in/oidc";

/// Staff sign in where the authority's own sign-in is. Add it before the other sign-in pages, whose
/// /sign-in/{secret} would take its path.
/// REQUIRES: `desk` and `issuer` live longer than the router.
void add_oidc_pages(Router& router, const Desk& desk, Issuer& issuer);

}  // namespace siegel::portal
