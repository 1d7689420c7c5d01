#pragma once

#include <string>
#include <vector>

#include <openssl/x509v3.h>

#include "pki/local_ca.h"
#include "pki/openssl.h"

/// What certificates and certification requests for mail have in common.
namespace siegel::pki {

using GeneralNamesHandle = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

/// subjectAltName: rfc822Name, or SmtpUTF8Mailbox where ASCII cannot say it (RFC 9598 §3).
/// Addresses are written as given.
[[nodiscard]] GeneralNamesHandle alternative_names(const std::vector<std::string>& addresses);

/// OpenSSL's configuration text of a critical keyUsage: digitalSignature for what signs;
/// keyEncipherment, or keyAgreement for an EC key, for what is encrypted to (RFC 8551 §3, RFC 5280
/// §4.2.1.3, RFC 8813 §3).
[[nodiscard]] std::string key_usage(Usage usage, const EVP_PKEY* key);

/// SHA-256; SHA-384 for longer EC keys: RFC 5758 §3.2 leaves it open, but a P-384 key with a
/// shorter digest is refused by some readers (gpgsm).
[[nodiscard]] const EVP_MD* digest_for(const EVP_PKEY* key);

}  // namespace siegel::pki
