#include "gateway/crypt/smime_attributes.h"

#include <algorithm>
#include <array>

#include <openssl/pkcs7.h>

#include "base/hex.h"
#include "gateway/crypt/smime_capabilities.h"
#include "gateway/crypt/smime_cms.h"
#include "pki/recipient_id.h"

namespace siegel::crypt::smime {

namespace {

using TimeHandle = Handle<ASN1_TIME, ASN1_TIME_free>;
using IssuerAndSerialHandle = Handle<PKCS7_ISSUER_AND_SERIAL, PKCS7_ISSUER_AND_SERIAL_free>;
using AttributeHandle = Handle<X509_ATTRIBUTE, X509_ATTRIBUTE_free>;
using StringHandle = Handle<ASN1_STRING, ASN1_STRING_free>;

// The choices of SMIMEEncryptionKeyPreference (RFC 8551 §2.5.3, IMPLICIT tags).
constexpr std::uint8_t choice_issuer_and_serial = 0xA0;
constexpr std::uint8_t choice_subject_key_id = 0x82;

// --- going out

void add_signing_time(CMS_SignerInfo* signer, Time now) {
  // UTCTime to 2049, GeneralizedTime after it: RFC 8551 §2.5.1.
  const TimeHandle time(pki::checked(ASN1_TIME_set(nullptr, to_unix(now)), "ASN1_TIME_set"));
  pki::checked(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime,
                                           ASN1_STRING_type(time.get()), time.get(), -1),
               "signing-time");
}

std::string issuer_and_serial_der(const pki::Certificate& certificate) {
  const IssuerAndSerialHandle value(
      pki::checked(PKCS7_ISSUER_AND_SERIAL_new(), "PKCS7_ISSUER_AND_SERIAL_new"));
  pki::checked(X509_NAME_set(&value->issuer, X509_get_issuer_name(certificate.x509())), "issuer");
  pki::checked(ASN1_STRING_copy(value->serial, X509_get0_serialNumber(certificate.x509())),
               "serial number");
  std::string der = pki::to_der(value.get(), i2d_PKCS7_ISSUER_AND_SERIAL);
  if (der.empty()) throw pki::openssl_error(Fault::ours, "i2d_PKCS7_ISSUER_AND_SERIAL");
  return der;
}

void add_key_preference(CMS_SignerInfo* signer, const pki::Certificate& encryption) {
  std::string der = issuer_and_serial_der(encryption);
  // Outlook looks for Microsoft's own attribute only, which holds the bare IssuerAndSerialNumber.
  pki::checked(CMS_signed_add1_attr_by_txt(signer, "1.3.6.1.4.1.311.16.4", V_ASN1_SEQUENCE,
                                           der.data(), static_cast<int>(der.size())),
               "Microsoft's encryption key preference");
  der.front() = static_cast<char>(choice_issuer_and_serial);
  StringHandle value(pki::checked(ASN1_STRING_type_new(V_ASN1_OTHER), "ASN1_STRING_type_new"));
  pki::checked(ASN1_STRING_set(value.get(), der.data(), static_cast<int>(der.size())),
               "ASN1_STRING_set");
  const AttributeHandle attribute(
      pki::checked(X509_ATTRIBUTE_create(NID_id_smime_aa_encrypKeyPref, V_ASN1_OTHER, value.get()),
                   "X509_ATTRIBUTE_create"));
  static_cast<void>(value.release());  // the attribute has it now
  pki::checked(CMS_signed_add1_attr(signer, attribute.get()), "encryption key preference");
}

// --- coming in

constexpr std::array known_attributes{
    NID_pkcs9_contentType,        NID_pkcs9_messageDigest,
    NID_pkcs9_signingTime,        NID_id_smime_aa_signingCertificate,
    NID_SMIMECapabilities,        NID_id_smime_aa_signingCertificateV2,
    NID_id_smime_aa_encrypKeyPref};

// RFC 5652 §11, RFC 8551 §2.5: one attribute of each kind, with one value.
bool is_ambiguous(const CMS_SignerInfo* signer, int nid) {
  const int first = CMS_signed_get_attr_by_NID(signer, nid, -1);
  if (first < 0) return false;
  if (CMS_signed_get_attr_by_NID(signer, nid, first) >= 0) return true;
  return X509_ATTRIBUTE_count(CMS_signed_get_attr(signer, first)) != 1;
}

bool any_is_ambiguous(const CMS_SignerInfo* signer) {
  return std::ranges::any_of(known_attributes,
                             [signer](int nid) { return is_ambiguous(signer, nid); });
}

const ASN1_TYPE* value_of(const CMS_SignerInfo* signer, int nid) {
  const int at = CMS_signed_get_attr_by_NID(signer, nid, -1);
  return at < 0 ? nullptr : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, at), 0);
}

// The complete element for constructed and tagged values, the content of a plain string.
std::optional<std::string_view> octets_of(const ASN1_TYPE* value, int type) {
  if (value == nullptr || ASN1_TYPE_get(value) != type) return std::nullopt;
  return pki::octets_of(value->value.asn1_string);
}

bool has_content_type_data(const CMS_SignerInfo* signer) {
  const ASN1_TYPE* value = value_of(signer, NID_pkcs9_contentType);
  return value != nullptr && ASN1_TYPE_get(value) == V_ASN1_OBJECT &&
         OBJ_obj2nid(value->value.object) == NID_pkcs7_data;
}

std::optional<Time> time_of(const ASN1_TYPE* value) {
  const int type = ASN1_TYPE_get(value);
  if (type != V_ASN1_UTCTIME && type != V_ASN1_GENERALIZEDTIME) return std::nullopt;
  return pki::to_time(value->value.asn1_string);
}

std::optional<pki::RecipientId> issuer_and_serial(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const IssuerAndSerialHandle value(
      d2i_PKCS7_ISSUER_AND_SERIAL(nullptr, &at, static_cast<long>(der.size())));
  if (!value) return std::nullopt;
  return pki::issuer_and_serial(value->issuer, value->serial);
}

std::optional<pki::RecipientId> key_preference(const ASN1_TYPE* value) {
  const auto tagged = octets_of(value, V_ASN1_OTHER);
  if (!tagged || tagged->empty()) return std::nullopt;
  if (static_cast<std::uint8_t>(tagged->front()) == choice_issuer_and_serial) {
    std::string der(*tagged);
    der.front() = static_cast<char>(tag_sequence);
    return issuer_and_serial(der);
  }
  const auto key_id = DerReader(*tagged).next(choice_subject_key_id);
  if (!key_id) return std::nullopt;
  return pki::RecipientId{{}, {}, hex(key_id->content)};
}

std::optional<pki::RecipientId> microsoft_key_preference(const CMS_SignerInfo* signer) {
  static const ASN1_OBJECT* const object = OBJ_txt2obj("1.3.6.1.4.1.311.16.4", 1);
  const int at = CMS_signed_get_attr_by_OBJ(signer, object, -1);
  if (at < 0) return std::nullopt;
  const auto der =
      octets_of(X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, at), 0), V_ASN1_SEQUENCE);
  return der ? issuer_and_serial(*der) : std::nullopt;
}

// Preferences are offers, not proofs: what we cannot read is as good as absent.
void read_preferences(const CMS_SignerInfo* signer, SignedAttributes& found) {
  if (const auto der = octets_of(value_of(signer, NID_SMIMECapabilities), V_ASN1_SEQUENCE))
    found.capabilities = parse_capabilities(*der);
  found.preferred = key_preference(value_of(signer, NID_id_smime_aa_encrypKeyPref));
  if (!found.preferred) found.preferred = microsoft_key_preference(signer);
}

// Returns a defect, or nothing.
std::string read_signing_certificate(const CMS_SignerInfo* signer, int nid, int default_digest,
                                     SignedAttributes& found) {
  const ASN1_TYPE* value = value_of(signer, nid);
  if (value == nullptr) return {};
  const auto der = octets_of(value, V_ASN1_SEQUENCE);
  auto name = der ? read_certificate_name(*der, default_digest) : std::nullopt;
  if (!name) return "the name of the signing certificate cannot be read";
  found.signing_certificates.push_back(*std::move(name));
  return {};
}

// RFC 5035 §5.4, RFC 2634 §5.4. OpenSSL and others write both for old readers.
std::string read_signing_certificates(const CMS_SignerInfo* signer, SignedAttributes& found) {
  auto defect =
      read_signing_certificate(signer, NID_id_smime_aa_signingCertificateV2, NID_sha256, found);
  if (!defect.empty()) return defect;
  return read_signing_certificate(signer, NID_id_smime_aa_signingCertificate, NID_sha1, found);
}

std::string read_signing_time(const CMS_SignerInfo* signer, SignedAttributes& found) {
  const ASN1_TYPE* value = value_of(signer, NID_pkcs9_signingTime);
  if (value == nullptr) return {};
  found.signing_time = time_of(value);
  return found.signing_time ? "" : "the signing time cannot be read";
}

std::string read_required(const CMS_SignerInfo* signer, SignedAttributes& found) {
  // without signed attributes the octets of an attribute set could be passed off as content.
  if (CMS_signed_get_attr_count(signer) <= 0) return "the signature has no signed attributes";
  //
  if (any_is_ambiguous(signer)) return "a signed attribute is ambiguous";
  if (!has_content_type_data(signer)) return "the signed content type is not that of a mail";
  const auto digest = octets_of(value_of(signer, NID_pkcs9_messageDigest), V_ASN1_OCTET_STRING);
  if (!digest) return "the signed digest is missing";
  found.message_digest = *digest;
  return {};
}

}  // namespace

void add_signed_attributes(CMS_SignerInfo* signer, const pki::SigningKey& key, Time now) {
  add_signing_time(signer, now);
  add_capabilities(signer);
  add_key_preference(signer, key.encryption ? *key.encryption : key.certificate);
}

SignedAttributes read_signed_attributes(const CMS_SignerInfo* signer) {
  SignedAttributes found;
  found.defect = read_required(signer, found);
  if (found.defect.empty()) found.defect = read_signing_time(signer, found);
  if (found.defect.empty()) found.defect = read_signing_certificates(signer, found);
  if (found.defect.empty()) read_preferences(signer, found);
  return found;
}

}  // namespace siegel::crypt::smime
