#pragma once

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// One round over all requests: moves what time has moved (STANDARDS §6.4, deadlines of each CA
/// profile). Answers that never came time out; certificates that end soon get a successor, and are
/// active again if that one was cancelled; what is over is expired; what has a successor for longer
/// than the overlap, has expired or is revoked goes out of service: it only decrypts, or, if it was
/// for signing only, its key is destroyed. A revocation that was asked for and that a list or an
/// OCSP answer shows is done; one that nobody has confirmed when its certificate ends is expired. A
/// key that has only decrypted for as long as its profile's keep_decrypting says is destroyed, and
/// never where the profile says nothing or is gone. A second round at the same time changes
/// nothing.
Report keep_up(const Office& office);

}  // namespace siegel::pki::enrol
