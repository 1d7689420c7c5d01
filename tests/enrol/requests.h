#pragma once

#include <string>

#include "pki/local_ca.h"
#include "pki/private_key.h"

/// What goes into a CA and comes out of it, made without the code under test.
namespace siegel::tests {

/// PKCS#10 DER for `address`, subject CN=GRP: Bauamt, with subjectAltName and critical keyUsage.
std::string request_for(const pki::PrivateKey& key, const std::string& address);

/// The same certificate, serial number included, for another key; signed by `ca`.
pki::Certificate with_key(const pki::Certificate& certificate, const pki::PrivateKey& key,
                          const pki::LocalCa& ca);

/// PKCS#8 PEM, not encrypted.
std::string to_pem(const pki::PrivateKey& key);

/// What `ca` issues for a request: its key, its CN and its mail addresses, for a year from now.
/// Nothing if the octets are no request that is signed by its own key.
std::optional<pki::Certificate> issue_for(const pki::LocalCa& ca, std::string_view csr);

}  // namespace siegel::tests
