#pragma once

#include <string_view>

#include "pki/discovery/place.h"

/// Values of a directory's attributes. What is no certificate, is too large, or is one too many is
/// passed over and said in `finds.trouble`.
namespace siegel::pki::discovery {

/// userCertificate (RFC 4523 §4.1): one certificate in DER.
void take_certificate(std::string_view value, Finds& finds);
/// userSMIMECertificate (RFC 2798 §2.8): a PKCS#7 SignedData that holds certificates; some write
/// the bare certificate there.
void take_smime_certificates(std::string_view value, Finds& finds);

}  // namespace siegel::pki::discovery
