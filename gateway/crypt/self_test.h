#pragma once

#include "pki/enrol/activation.h"

namespace siegel::crypt {

/// A round trip before a certificate goes into service: signs and verifies, encrypts and decrypts,
/// as its purpose says, by the very code that the relay uses.
[[nodiscard]] pki::enrol::SelfTest make_self_test(const config::SmimeSettings& settings,
                                                  const Clock& clock);

}  // namespace siegel::crypt
