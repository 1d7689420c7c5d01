#pragma once

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// Whether a key may go although mail was encrypted to it, or it still signs.
enum class Loss { refused, accepted };

/// Destroys a private key for good, in the token too if it lives there. A request that has served
/// mail with it goes on: one that only decrypted is archived; one in service is revoke-requested,
/// because its authority and the world still believe in the certificate. Certificates with the key
/// are taken out of service. Throws Error{peer} with what to do instead if a request is on its way
/// with it, or, unless `loss` is accepted, if a certificate with it is in service or opens mail.
Report destroy_key(const Office& office, const std::string& key_id, const std::string& reason,
                   Loss loss);

}  // namespace siegel::pki::enrol
