#include "pki/local_ca.h"

#include <algorithm>
#include <array>

#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "pki/asn1.h"
#include "pki/extensions.h"
#include "pki/subject.h"

namespace siegel::pki {
namespace {

using Extension = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using Asn1Time = Handle<ASN1_TIME, ASN1_TIME_free>;
using Enumerated = Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
using Integer = Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
using CrlHandle = Handle<X509_CRL, X509_CRL_free>;
using Pkcs12 = Handle<PKCS12, PKCS12_free>;

Asn1Time asn1_time(Time time) {
  return Asn1Time(checked(ASN1_TIME_set(nullptr, to_unix(time)), "ASN1_TIME_set"));
}

// --- names

void add_to(X509_NAME* subject, int nid, const std::string& text) {
  checked(X509_NAME_add_entry_by_NID(subject, nid, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0),
          "X509_NAME_add_entry_by_NID");
}

NameHandle subject_name(const std::string& organisation, const std::string& common_name) {
  NameHandle subject(checked(X509_NAME_new(), "X509_NAME_new"));
  add_to(subject.get(), NID_countryName, "DE");
  add_to(subject.get(), NID_organizationName, organisation);
  add_to(subject.get(), NID_commonName, common_name);
  return subject;
}

std::string organisation_of(const Certificate& certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate.x509());
  const int at = X509_NAME_get_index_by_NID(subject, NID_organizationName, -1);
  if (at < 0) return "Siegel";
  return std::string(octets_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
}

// --- the body that all certificates share

// RFC 5280 §4.1.2.2: positive, unique; 127 random bits are both.
void set_random_serial(X509* x509) {
  std::array<unsigned char, 16> octets{};
  checked(RAND_bytes(octets.data(), octets.size()), "RAND_bytes");
  octets[0] = static_cast<unsigned char>((octets[0] & 0x3FU) | 0x40U);
  checked(ASN1_STRING_set(X509_get_serialNumber(x509), octets.data(), octets.size()),
          "ASN1_STRING_set");
}

struct Body {
  const X509_NAME* subject;
  const X509_NAME* issuer;
  Time not_before, not_after;
};

X509Handle new_certificate(const Body& body, EVP_PKEY* key) {
  X509Handle x509(checked(X509_new(), "X509_new"));
  checked(X509_set_version(x509.get(), X509_VERSION_3), "X509_set_version");
  set_random_serial(x509.get());
  checked(X509_set_subject_name(x509.get(), body.subject), "X509_set_subject_name");
  checked(X509_set_issuer_name(x509.get(), body.issuer), "X509_set_issuer_name");
  checked(X509_set1_notBefore(x509.get(), asn1_time(body.not_before).get()), "notBefore");
  checked(X509_set1_notAfter(x509.get(), asn1_time(body.not_after).get()), "notAfter");
  checked(X509_set_pubkey(x509.get(), key), "X509_set_pubkey");
  return x509;
}

void add_extension(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  const Extension extension(
      checked(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), "X509V3_EXT_conf_nid"));
  checked(X509_add_ext(x509, extension.get(), -1), "X509_add_ext");
}

Certificate signed_certificate(X509* x509, const PrivateKey& issuer_key) {
  checked(X509_sign(x509, issuer_key.get(), digest_for(issuer_key.get())), "X509_sign");
  // Read back: what is handed out is what everybody else will read.
  auto certificate = Certificate::from_der(to_der(x509, i2d_X509));
  if (!certificate) throw openssl_error(Fault::ours, "a certificate that was just made");
  return *certificate;
}

void add_authority_extensions(X509* x509, X509* issuer) {
  add_extension(x509, issuer, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x509, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(x509, issuer, NID_subject_key_identifier, "hash");
  add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
}

void add_addresses(X509* x509, const std::vector<std::string>& addresses) {
  if (addresses.empty()) return;
  const GeneralNamesHandle names = alternative_names(addresses);
  checked(X509_add1_ext_i2d(x509, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT),
          "X509_add1_ext_i2d");
}

// --- revocation lists

void add_reason(X509_REVOKED* entry, int reason) {
  const Enumerated value(checked(ASN1_ENUMERATED_new(), "ASN1_ENUMERATED_new"));
  checked(ASN1_ENUMERATED_set(value.get(), reason), "ASN1_ENUMERATED_set");
  checked(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value.get(), 0, X509V3_ADD_DEFAULT),
          "X509_REVOKED_add1_ext_i2d");
}

void add_revoked(X509_CRL* crl, const Revoked& revoked, Time made) {
  X509_REVOKED* entry = checked(X509_REVOKED_new(), "X509_REVOKED_new");
  // The list owns the entry from here on, whatever fails next.
  checked(X509_CRL_add0_revoked(crl, entry), "X509_CRL_add0_revoked");
  checked(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked.certificate.x509())),
          "X509_REVOKED_set_serialNumber");
  const Asn1Time when = asn1_time(revoked.at == Time{} ? made : revoked.at);
  checked(X509_REVOKED_set_revocationDate(entry, when.get()), "X509_REVOKED_set_revocationDate");
  if (revoked.reason != 0) add_reason(entry, revoked.reason);
}

void add_crl_extensions(X509_CRL* crl, const Certificate& issuer, std::uint64_t number) {
  const Integer value(checked(ASN1_INTEGER_new(), "ASN1_INTEGER_new"));
  checked(ASN1_INTEGER_set_uint64(value.get(), number), "ASN1_INTEGER_set_uint64");
  checked(X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, X509V3_ADD_DEFAULT),
          "X509_CRL_add1_ext_i2d");
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer.x509(), nullptr, nullptr, crl, 0);
  const Extension key_id(
      checked(X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"),
              "X509V3_EXT_conf_nid"));
  checked(X509_CRL_add_ext(crl, key_id.get(), -1), "X509_CRL_add_ext");
}

X509StackHandle stack_of(const std::vector<Certificate>& certificates) {
  X509StackHandle stack(checked(sk_X509_new_null(), "sk_X509_new_null"));
  for (const Certificate& certificate : certificates)
    checked(X509_add_cert(stack.get(), certificate.x509(), X509_ADD_FLAG_UP_REF), "X509_add_cert");
  return stack;
}

}  // namespace

LocalCa LocalCa::make(const std::string& organisation, const std::string& common_name, KeyType type,
                      Time now) {
  PrivateKey key = PrivateKey::generate(type);
  const NameHandle subject = subject_name(organisation, common_name);
  const X509Handle x509 =
      new_certificate({subject.get(), subject.get(), now, now + std::chrono::years(10)}, key.get());
  add_authority_extensions(x509.get(), x509.get());
  Certificate certificate = signed_certificate(x509.get(), key);
  return {std::move(certificate), std::move(key)};
}

Certificate LocalCa::issue(const Issue& wanted, const PrivateKey& key) const {
  return issue(wanted, key.get());
}

Certificate LocalCa::issue(const Issue& wanted, EVP_PKEY* key) const {
  const NameHandle subject = wanted.subject.empty()
                                 ? subject_name(organisation_of(certificate_), wanted.common_name)
                                 : parse_subject(wanted.subject);
  const X509Handle x509 =
      new_certificate({subject.get(), X509_get_subject_name(certificate_.x509()), wanted.not_before,
                       wanted.not_after},
                      key);
  X509* const issuer = certificate_.x509();
  add_extension(x509.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x509.get(), issuer, NID_key_usage, key_usage(wanted.usage, key));
  add_extension(x509.get(), issuer, NID_ext_key_usage, "emailProtection");
  add_extension(x509.get(), issuer, NID_subject_key_identifier, "hash");
  add_extension(x509.get(), issuer, NID_authority_key_identifier, "keyid:always");
  add_addresses(x509.get(), wanted.addresses);
  return signed_certificate(x509.get(), key_);
}

LocalCa LocalCa::subordinate(const std::string& common_name, KeyType type, Time now) const {
  PrivateKey key = PrivateKey::generate(type);
  const NameHandle subject = subject_name(organisation_of(certificate_), common_name);
  const Time end = std::min<Time>(now + std::chrono::years(6), certificate_.not_after());
  const X509Handle x509 = new_certificate(
      {subject.get(), X509_get_subject_name(certificate_.x509()), now, end}, key.get());
  add_authority_extensions(x509.get(), certificate_.x509());
  Certificate certificate = signed_certificate(x509.get(), key_);
  return {std::move(certificate), std::move(key)};
}

Crl LocalCa::revoke(const std::vector<Certificate>& revoked, std::uint64_t number, Time this_update,
                    Time next_update) const {
  std::vector<Revoked> entries;
  for (const Certificate& certificate : revoked) entries.push_back({certificate, this_update, 0});
  return list(entries, number, this_update, next_update);
}

Crl LocalCa::list(const std::vector<Revoked>& revoked, std::uint64_t number, Time this_update,
                  Time next_update) const {
  const CrlHandle crl(checked(X509_CRL_new(), "X509_CRL_new"));
  checked(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2), "X509_CRL_set_version");
  checked(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.x509())),
          "X509_CRL_set_issuer_name");
  checked(X509_CRL_set1_lastUpdate(crl.get(), asn1_time(this_update).get()),
          "X509_CRL_set1_lastUpdate");
  checked(X509_CRL_set1_nextUpdate(crl.get(), asn1_time(next_update).get()),
          "X509_CRL_set1_nextUpdate");
  for (const Revoked& entry : revoked) add_revoked(crl.get(), entry, this_update);
  add_crl_extensions(crl.get(), certificate_, number);
  checked(X509_CRL_sort(crl.get()), "X509_CRL_sort");
  checked(X509_CRL_sign(crl.get(), key_.get(), digest_for(key_.get())), "X509_CRL_sign");
  auto made = Crl::parse(to_der(crl.get(), i2d_X509_CRL));
  if (!made) throw openssl_error(Fault::ours, "a revocation list that was just made");
  return *made;
}

std::string make_pkcs12(const PrivateKey& key, const Certificate& certificate,
                        const std::vector<Certificate>& chain, const std::string& password) {
  constexpr int rounds = 100'000;  // hand-over by mail or stick: guessing must cost something
  const X509StackHandle others = stack_of(chain);
  const Pkcs12 file(checked(
      PKCS12_create(password.c_str(), certificate.subject().c_str(), key.get(), certificate.x509(),
                    others.get(), NID_aes_256_cbc, NID_aes_256_cbc, rounds, rounds, 0),
      "PKCS12_create"));
  return to_der(file.get(), i2d_PKCS12);
}

}  // namespace siegel::pki
