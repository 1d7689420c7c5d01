#include "gateway/crypt/smime_signing_certificate.h"

#include "gateway/crypt/smime_cms.h"

namespace siegel::crypt::smime {

namespace {

using NameHandle = Handle<X509_NAME, X509_NAME_free>;
using IssuerSerial = CertificateName::IssuerSerial;

// GeneralName ::= CHOICE { …, directoryName [4] Name, … }; explicit, because Name is a CHOICE.
constexpr std::uint8_t tag_directory_name = 0xA4;

// IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }. RFC 5035 §5: of a public
// key certificate, the issuer is one directoryName and nothing else.
std::optional<IssuerSerial> read_issuer_serial(std::string_view content) {
  DerReader fields(content);
  const auto list = fields.next(tag_sequence);
  const auto serial = fields.next(tag_integer);
  if (!list || !serial) return std::nullopt;
  DerReader issuers(list->content);
  const auto issuer = issuers.next(tag_directory_name);
  if (!issuer || issuers.next()) return std::nullopt;
  return IssuerSerial{std::string(issuer->content), std::string(serial->content)};
}

bool is_issuer(const std::string& der, const X509* x509) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const NameHandle name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  // Names are compared as RFC 5280 §7.1 wants it, not octet by octet.
  return name && X509_NAME_cmp(name.get(), X509_get_issuer_name(x509)) == 0;
}

bool is_serial(const std::string& content, const X509* x509) {
  const std::string der = pki::to_der(X509_get0_serialNumber(x509), i2d_ASN1_INTEGER);
  const auto serial = DerReader(der).next(tag_integer);
  return serial && serial->content == content;
}

}  // namespace

// SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, … }; the first names the
// signer's. ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash, issuerSerial
// OPTIONAL }; ESSCertID has no algorithm, it is SHA-1 (RFC 5035 §3, §4).
std::optional<CertificateName> read_certificate_name(std::string_view der, int default_digest) {
  const auto attribute = DerReader(der).next(tag_sequence);
  const auto list = attribute ? DerReader(attribute->content).next(tag_sequence) : std::nullopt;
  const auto id = list ? DerReader(list->content).next(tag_sequence) : std::nullopt;
  if (!id) return std::nullopt;
  DerReader fields(id->content);
  auto field = fields.next();
  CertificateName name{default_digest, {}, {}};
  if (field && field->tag == tag_sequence) {
    const auto algorithm = DerReader(field->content).next(tag_object);
    name.digest_nid = algorithm ? nid_of_object(algorithm->content) : NID_undef;
    field = fields.next();
  }
  if (!field || field->tag != tag_octet_string) return std::nullopt;
  name.digest = field->content;
  if (const auto issuer_serial = fields.next()) {
    name.issuer_serial = read_issuer_serial(issuer_serial->content);
    if (issuer_serial->tag != tag_sequence || !name.issuer_serial) return std::nullopt;
  }
  return name;
}

bool names(const CertificateName& name, const pki::Certificate& certificate) {
  const X509* x509 = certificate.x509();
  if (!same_digest(digest_of(certificate.der(), name.digest_nid), name.digest)) return false;
  const auto& given = name.issuer_serial;
  return !given || (is_issuer(given->issuer, x509) && is_serial(given->serial, x509));
}

}  // namespace siegel::crypt::smime
