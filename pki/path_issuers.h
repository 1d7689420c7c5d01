#pragma once

#include <span>
#include <vector>

#include "pki/certificate.h"

namespace siegel::pki {

/// From certificates at hand, those that lead upwards from `leaf`: for each step the ones whose key
/// really made the signature, so that a certificate of the same name but another key cannot lead
/// the path astray. At most 100 signatures are checked. Where none fits by its key, the
/// first that fits by name is taken, so that the verification can say what is wrong.
[[nodiscard]] std::vector<const Certificate*> choose_issuers(
    const Certificate& leaf, std::span<const Certificate* const> at_hand);

/// The certificate at hand whose key signed `certificate` although it is no authority's, or its key
/// usage forbids it; null if there is none.
[[nodiscard]] const Certificate* unfit_issuer(const Certificate& certificate,
                                              std::span<const Certificate* const> at_hand);

}  // namespace siegel::pki
