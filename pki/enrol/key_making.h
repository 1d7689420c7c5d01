#pragma once

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// Makes the keys of all authorised requests, on all cores, and their PKCS#10 requests: they are
/// csr-ready then. Keys are sealed into the store in the same transaction that moves the request;
/// where the profile names a token, they are made in it. What was interrupted goes on here.
Report make_keys(const Office& office, const Progress& progress = {});

}  // namespace siegel::pki::enrol
