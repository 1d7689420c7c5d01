#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pki/certificate.h"

/// The signed attributes signing-certificate (RFC 2634 §5.4) and signing-certificate-v2 (RFC 5035
/// §3): by which certificate the signer wants to be checked, so that no other can be put in its
/// place.
namespace siegel::crypt::smime {

/// The first ESSCertID or ESSCertIDv2 of such an attribute.
struct CertificateName {
  struct IssuerSerial {
    std::string issuer;  ///< DER of the Name
    std::string serial;  ///< content octets of the INTEGER
  };
  int digest_nid = 0;
  std::string digest;
  std::optional<IssuerSerial> issuer_serial;  ///< where given
};

/// Reads the value of the attribute; nothing if it cannot be read. `default_digest` is the NID of
/// the digest that counts where the value names none.
[[nodiscard]] std::optional<CertificateName> read_certificate_name(std::string_view der,
                                                                   int default_digest);

/// True if all that `name` says fits `certificate`.
[[nodiscard]] bool names(const CertificateName& name, const pki::Certificate& certificate);

}  // namespace siegel::crypt::smime
