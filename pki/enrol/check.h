#pragma once

#include <string>
#include <vector>

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// What keeps a returned certificate from going into service (STANDARDS §6.3): another key, no or
/// another address, usage other than asked for, expired or valid for too long, no path to an anchor
/// of ours, revoked, a forbidden algorithm, a serial number that another request has. Each is a
/// sentence with what to do; empty if it fits. `helpers` are the authorities that came along.
[[nodiscard]] std::vector<std::string> misfits(const Office& office, const Request& request,
                                               const Certificate& certificate,
                                               const std::vector<Certificate>& helpers);

/// Takes a certificate that came back: issued, then checked or mismatch. The authorities that came
/// along are kept as path helpers, as far as the path of a good certificate needs them.
/// @param evidence  where it came from: a file and its hash, a transaction number
Request take_certificate(const Office& office, Request request, const Issued& issued,
                         const std::string& evidence);

/// Checks the certificate of a request once more: of one that is issued, because the process ended
/// before that; of a mismatch, because its authority may be trusted by now. A mismatch that still
/// is one stays as it was. Throws Error{ours} if the certificate cannot be read.
Request check_again(const Office& office, Request request,
                    const std::vector<Certificate>& helpers = {});

}  // namespace siegel::pki::enrol
