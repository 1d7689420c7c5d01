#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "pki/local_ca.h"
#include "pki/openssl.h"
#include "pki/private_key.h"

namespace siegel::pki {

/// What a certification request asks for (STANDARDS §6.3).
struct CsrContent {
  /// RFC 4514 syntax, but the most significant part first: "C=DE, O=Amt, CN=GRP: Bauamt".
  std::string subject;
  std::vector<Address> addresses;  ///< SAN rfc822Name; SmtpUTF8Mailbox if not all ASCII
  Usage usage = Usage::both;
  bool non_repudiation = false;  ///< besides digitalSignature
};

/// PKCS#10 (RFC 2986) in DER with subjectAltName, critical keyUsage and extendedKeyUsage
/// emailProtection as extensionRequest (RFC 2985 §5.4.2), signed by `key` with SHA-256 or better.
/// EC keys sign it although they may only be for keyAgreement. Throws Error{peer} if the subject
/// is no name.
[[nodiscard]] std::string make_csr(const PrivateKey& key, const CsrContent& content);

/// A certification request as it was received.
struct Csr {
  std::string subject;  ///< printable
  std::string name;     ///< the subject as parse_subject reads it
  KeyHandle public_key;
  std::string key_id;  ///< SHA-256 of the SubjectPublicKeyInfo, as Certificate::key_id()
  std::vector<Address> addresses;
  bool signs = false, encrypts = false;  ///< by the keyUsage that it asks for
};

/// PEM or DER of at most 64 KiB whose signature fits its key (proof of possession); nothing
/// otherwise.
[[nodiscard]] std::optional<Csr> parse_csr(std::string_view octets);

}  // namespace siegel::pki
