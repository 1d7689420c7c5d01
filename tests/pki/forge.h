#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pki/certificate.h"
#include "pki/local_ca.h"
#include "pki/private_key.h"

/// Certificates that no honest authority makes, and keys that LocalCa does not offer.
namespace siegel::tests {

enum class Digest { md5, sha1, sha224, sha256 };
enum class Padding { pkcs1, pss };

/// What is to stand in a forged certificate; extensions in the syntax of openssl's x509v3_config.
struct Forgery {
  std::string common_name = "GRP: Bauamt";
  std::string subject_email;            ///< emailAddress in the subject, octet for octet
  std::vector<std::string> san_emails;  ///< rfc822Name, octet for octet
  std::vector<std::string> san_utf8;    ///< SmtpUTF8Mailbox, octet for octet
  std::vector<std::pair<std::string, std::string>> extensions;
  Time not_before, not_after;
  Digest digest = Digest::sha256;
  Padding padding = Padding::pkcs1;
};

/// Signed by `issuer`.
pki::Certificate forge(const Forgery& forgery, const pki::PrivateKey& key,
                       const pki::LocalCa& issuer);
/// Signed by its own key.
pki::LocalCa forge_root(const Forgery& forgery, const pki::PrivateKey& key);

/// `original` with an extension of 70,000 octets, signed anew by `issuer`: more than is ever read
/// back.
pki::Certificate enlarged(const pki::Certificate& original, const pki::PrivateKey& issuer);

/// What is to stand in a revocation list that LocalCa does not make.
struct ForgedList {
  struct Entry {
    pki::Certificate certificate;
    std::optional<long> reason;              ///< RFC 5280 §5.3.1
    std::optional<pki::Certificate> issuer;  ///< its subject as certificateIssuer (§5.3.3)
  };
  std::vector<Entry> entries;
  std::uint64_t number = 1;
  Time this_update, next_update;
  std::vector<std::pair<std::string, std::string>> extensions;  ///< as in Forgery
  bool names_key = true;                                        ///< authorityKeyIdentifier
};

/// Signed by `issuer`.
pki::Crl forge_list(const ForgedList& forgery, const pki::LocalCa& issuer);

/// `list`, signed anew with another digest.
pki::Crl resigned(const pki::Crl& list, const pki::PrivateKey& key, Digest digest);
/// `list` without its CRLNumber, as old authorities write them.
pki::Crl without_number(const pki::Crl& list, const pki::PrivateKey& key);
std::string to_pem(const pki::Crl& list);

/// An RSA key of any size and exponent; each is made once per program.
const pki::PrivateKey& rsa_key(unsigned bits, unsigned long exponent = 65537);
/// A key by OpenSSL's name of its kind or curve: "ED25519", "secp256k1", "P-521".
pki::PrivateKey odd_key(const std::string& kind);

}  // namespace siegel::tests
