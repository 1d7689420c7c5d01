#pragma once

#include <string>
#include <string_view>

#include "base/address.h"

namespace siegel::pki::discovery {

/// `value` as an assertion value of an LDAP filter: NUL, '(', ')', '*' and '\' as \xx (RFC 4515
/// §3). UTF-8 stays as it is.
[[nodiscard]] std::string escape_for_filter(std::string_view value);

/// Finds the entry of a mail address, under either name of the attribute (RFC 4524 §2.16).
[[nodiscard]] std::string filter_for(const Address& address);

}  // namespace siegel::pki::discovery
