#pragma once

#include <string>
#include <vector>

#include "pki/certificate.h"

/// The URLs in a certificate that lead to its revocation status. They are somebody's claim: none is
/// asked before the path of the certificate is known to be trusted and its host is allowed.
/// caIssuers is not among them: certificates come from the operator or with the message.
namespace siegel::pki {

/// OCSP responders of authorityInfoAccess (RFC 5280 §4.2.2.1): the first 3, each at most 1,000
/// octets of printable ASCII.
[[nodiscard]] std::vector<std::string> responder_urls(const Certificate& certificate);

/// Full names of cRLDistributionPoints (RFC 5280 §4.2.1.13), in the same bounds. Those of a list
/// for some reasons only, or of another issuer, are left out: such lists cannot clear anybody here.
[[nodiscard]] std::vector<std::string> list_urls(const Certificate& certificate);

}  // namespace siegel::pki
