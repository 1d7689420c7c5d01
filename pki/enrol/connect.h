#pragma once

#include <functional>
#include <memory>

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// The authority behind a profile; null for `batch`, which a person carries.
using Connect = std::function<std::unique_ptr<CertificateAuthority>(const config::CaProfile&)>;

/// CMP, EST or the local CA, as the profile says. `clock` must outlive what it connects.
[[nodiscard]] Connect connect_by_profile(const Clock& clock);

}  // namespace siegel::pki::enrol
