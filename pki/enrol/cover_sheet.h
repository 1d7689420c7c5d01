#pragma once

#include <string>
#include <vector>

#include "pki/enrol/request.h"

namespace siegel::pki::enrol {

/// The sheet that goes with a batch: HTML to be printed, German and English, with the list of
/// requests, the hash of the manifest, and places for the signatures of applicant and registration
/// authority. Every text of others is escaped.
[[nodiscard]] std::string cover_sheet(const std::string& batch,
                                      const std::vector<Request>& requests,
                                      const std::string& manifest_hash, Time now);

}  // namespace siegel::pki::enrol
