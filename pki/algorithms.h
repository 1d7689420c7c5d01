#pragma once

#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/x509.h>

/// Which algorithms are allowed: STANDARDS §2.1 (RFC 8551 §2, BSI TR-02102-1) as one table of data.
namespace siegel::pki {

enum class Strength {
  ok,
  weak,         ///< accepted, but said: RSA 2048–2999, SHA-224
  refused,      ///< never good: MD5, SHA-1, RSA < 2048, DSA, unknown curves
  unsupported,  ///< we cannot tell: EdDSA in CMS with OpenSSL 3.0
};

/// The worse of two: ok < weak < unsupported < refused.
[[nodiscard]] Strength worse(Strength a, Strength b) noexcept;

/// What an algorithm is, in words for a reason ("RSA-2048", "SHA-1"), and how strong it counts.
struct Judged {
  std::string name;
  Strength strength = Strength::refused;
};

[[nodiscard]] Judged judge_digest(int digest_nid);
/// RSA by bits and exponent (odd, ≥ 65537: R-21), EC by curve (named curves only, RFC 5480 §2.1.1).
/// A null key is one that OpenSSL could not read: refused.
[[nodiscard]] Judged judge_key(const EVP_PKEY* key);
/// A signature algorithm identifier: digest and padding ("RSA with SHA-256", "ECDSA with SHA-384",
/// "RSASSA-PSS with SHA-256"). PSS parameters must be sane: MGF1 with the same digest, a salt of at
/// least 20 octets.
[[nodiscard]] Judged judge_signature(const X509_ALGOR* algorithm);
/// That of a certificate.
[[nodiscard]] Judged judge_signature(const X509* certificate);
/// That of a revocation list.
[[nodiscard]] Judged judge_signature(const X509_CRL* crl);

}  // namespace siegel::pki
