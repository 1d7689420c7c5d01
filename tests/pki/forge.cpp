#include "tests/pki/forge.h"

#include <map>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "pki/asn1.h"

namespace siegel::tests {
namespace {

using pki::checked;
using MdContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Extension = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using GeneralNames = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using Number = Handle<BIGNUM, BN_free>;

const EVP_MD* algorithm(Digest digest) {
  switch (digest) {
    case Digest::md5:
      return EVP_md5();
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha224:
      return EVP_sha224();
    case Digest::sha256:
      return EVP_sha256();
  }
  return nullptr;
}

void add_to(X509_NAME* name, int nid, int type, const std::string& text) {
  checked(X509_NAME_add_entry_by_NID(name, nid, type,
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0),
          "name");
}

void set_subject(X509* x509, const Forgery& forgery) {
  X509_NAME* subject = X509_get_subject_name(x509);
  add_to(subject, NID_countryName, MBSTRING_UTF8, "DE");
  add_to(subject, NID_commonName, V_ASN1_UTF8STRING, forgery.common_name);
  if (!forgery.subject_email.empty())
    add_to(subject, NID_pkcs9_emailAddress, V_ASN1_IA5STRING, forgery.subject_email);
}

void push_name(GENERAL_NAMES* names, int type, const std::string& text) {
  GENERAL_NAME* name = checked(GENERAL_NAME_new(), "GENERAL_NAME_new");
  sk_GENERAL_NAME_push(names, name);
  ASN1_STRING* value = ASN1_STRING_type_new(type);
  ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
  if (type == V_ASN1_IA5STRING) {
    GENERAL_NAME_set0_value(name, GEN_EMAIL, value);
    return;
  }
  ASN1_TYPE* any = ASN1_TYPE_new();
  ASN1_TYPE_set(any, type, value);
  GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_id_on_SmtpUTF8Mailbox), any);
}

void add_alternative_names(X509* x509, const Forgery& forgery) {
  if (forgery.san_emails.empty() && forgery.san_utf8.empty()) return;
  const GeneralNames names(GENERAL_NAMES_new());
  for (const auto& text : forgery.san_emails) push_name(names.get(), V_ASN1_IA5STRING, text);
  for (const auto& text : forgery.san_utf8) push_name(names.get(), V_ASN1_UTF8STRING, text);
  checked(X509_add1_ext_i2d(x509, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT), "SAN");
}

void add_extensions(X509* x509, const Forgery& forgery, X509* issuer) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  for (const auto& [name, value] : forgery.extensions) {
    const Extension extension(
        checked(X509V3_EXT_conf(nullptr, &context, name.c_str(), value.c_str()), name));
    checked(X509_add_ext(x509, extension.get(), -1), name);
  }
  add_alternative_names(x509, forgery);
}

void sign(X509* x509, const Forgery& forgery, EVP_PKEY* key) {
  const MdContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const bool without_digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  checked(EVP_DigestSignInit(context.get(), &parameters,
                             without_digest ? nullptr : algorithm(forgery.digest), nullptr, key),
          "EVP_DigestSignInit");
  if (forgery.padding == Padding::pss) {
    checked(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), "padding");
    checked(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST), "salt");
  }
  checked(X509_sign_ctx(x509, context.get()), "X509_sign_ctx");
}

struct Issuer {
  X509* certificate;
  EVP_PKEY* key;
};

pki::Certificate make(const Forgery& forgery, const pki::PrivateKey& key, Issuer issuer) {
  const pki::X509Handle x509(X509_new());
  X509_set_version(x509.get(), X509_VERSION_3);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), serial);
  set_subject(x509.get(), forgery);
  X509* const above = issuer.certificate == nullptr ? x509.get() : issuer.certificate;
  X509_set_issuer_name(x509.get(), X509_get_subject_name(above));
  ASN1_TIME_set(X509_getm_notBefore(x509.get()), to_unix(forgery.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x509.get()), to_unix(forgery.not_after));
  X509_set_pubkey(x509.get(), key.get());
  add_extensions(x509.get(), forgery, above);
  sign(x509.get(), forgery, issuer.key);
  return pki::Certificate::from_der(pki::to_der(x509.get(), i2d_X509)).value();
}

void add_entry(X509_CRL* crl, const ForgedList::Entry& wanted) {
  X509_REVOKED* entry = checked(X509_REVOKED_new(), "X509_REVOKED_new");
  checked(X509_CRL_add0_revoked(crl, entry), "X509_CRL_add0_revoked");
  checked(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(wanted.certificate.x509())),
          "serial");
  const Handle<ASN1_TIME, ASN1_TIME_free> date(ASN1_TIME_dup(X509_CRL_get0_lastUpdate(crl)));
  checked(X509_REVOKED_set_revocationDate(entry, date.get()), "date");
  if (wanted.reason) {
    const Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(ASN1_ENUMERATED_new());
    ASN1_ENUMERATED_set(reason.get(), *wanted.reason);
    checked(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason.get(), 0, X509V3_ADD_DEFAULT),
            "reason");
  }
  if (!wanted.issuer) return;
  const GeneralNames names(GENERAL_NAMES_new());
  GENERAL_NAME* name = checked(GENERAL_NAME_new(), "GENERAL_NAME_new");
  sk_GENERAL_NAME_push(names.get(), name);
  GENERAL_NAME_set0_value(name, GEN_DIRNAME,
                          X509_NAME_dup(X509_get_subject_name(wanted.issuer->x509())));
  checked(
      X509_REVOKED_add1_ext_i2d(entry, NID_certificate_issuer, names.get(), 1, X509V3_ADD_DEFAULT),
      "certificateIssuer");
}

void remove(X509_CRL* crl, int nid) {
  const Extension removed(X509_CRL_delete_ext(crl, X509_CRL_get_ext_by_NID(crl, nid, -1)));
}

}  // namespace

pki::Certificate forge(const Forgery& forgery, const pki::PrivateKey& key,
                       const pki::LocalCa& issuer) {
  return make(forgery, key, {issuer.certificate().x509(), issuer.key().get()});
}

pki::LocalCa forge_root(const Forgery& forgery, const pki::PrivateKey& key) {
  return {make(forgery, key, {nullptr, key.get()}), key};
}

pki::Crl forge_list(const ForgedList& forgery, const pki::LocalCa& issuer) {
  const auto plain = issuer.revoke({}, forgery.number, forgery.this_update, forgery.next_update);
  const Handle<X509_CRL, X509_CRL_free> crl(X509_CRL_dup(plain.x509_crl()));
  for (const auto& entry : forgery.entries) add_entry(crl.get(), entry);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer.certificate().x509(), nullptr, nullptr, crl.get(), 0);
  for (const auto& [name, value] : forgery.extensions) {
    const Extension extension(
        checked(X509V3_EXT_conf(nullptr, &context, name.c_str(), value.c_str()), name));
    checked(X509_CRL_add_ext(crl.get(), extension.get(), -1), name);
  }
  if (!forgery.names_key) remove(crl.get(), NID_authority_key_identifier);
  checked(X509_CRL_sign(crl.get(), issuer.key().get(), EVP_sha256()), "X509_CRL_sign");
  return pki::Crl::parse(pki::to_der(crl.get(), i2d_X509_CRL)).value();
}

pki::Certificate enlarged(const pki::Certificate& original, const pki::PrivateKey& issuer) {
  const pki::X509Handle copy(checked(X509_dup(original.x509()), "X509_dup"));
  const std::string octets(70'000, 'A');
  const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(octets.data()),
                        static_cast<int>(octets.size()));
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj("1.2.3.4.5", 1));
  const Extension extension(
      checked(X509_EXTENSION_create_by_OBJ(nullptr, type.get(), 0, value.get()), "extension"));
  checked(X509_add_ext(copy.get(), extension.get(), -1), "X509_add_ext");
  checked(X509_sign(copy.get(), issuer.get(), EVP_sha256()), "X509_sign");
  return pki::Certificate::share(copy.get());
}

pki::Crl resigned(const pki::Crl& list, const pki::PrivateKey& key, Digest digest) {
  const Handle<X509_CRL, X509_CRL_free> copy(X509_CRL_dup(list.x509_crl()));
  checked(X509_CRL_sign(copy.get(), key.get(), algorithm(digest)), "X509_CRL_sign");
  return pki::Crl::parse(pki::to_der(copy.get(), i2d_X509_CRL)).value();
}

pki::Crl without_number(const pki::Crl& list, const pki::PrivateKey& key) {
  const Handle<X509_CRL, X509_CRL_free> copy(X509_CRL_dup(list.x509_crl()));
  remove(copy.get(), NID_crl_number);
  checked(X509_CRL_sign(copy.get(), key.get(), EVP_sha256()), "X509_CRL_sign");
  return pki::Crl::parse(pki::to_der(copy.get(), i2d_X509_CRL)).value();
}

std::string to_pem(const pki::Crl& list) {
  const pki::BioHandle bio = pki::growing_bio();
  checked(PEM_write_bio_X509_CRL(bio.get(), list.x509_crl()), "PEM_write_bio_X509_CRL");
  return pki::octets_of(bio);
}

const pki::PrivateKey& rsa_key(unsigned bits, unsigned long exponent) {
  static std::map<std::pair<unsigned, unsigned long>, pki::PrivateKey> made;
  const auto at = made.find({bits, exponent});
  if (at != made.end()) return at->second;
  const pki::KeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const Number number(BN_new());
  BN_set_word(number.get(), exponent);
  EVP_PKEY* key = nullptr;
  checked(EVP_PKEY_keygen_init(context.get()), "EVP_PKEY_keygen_init");
  checked(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)), "bits");
  checked(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), number.get()), "exponent");
  checked(EVP_PKEY_generate(context.get(), &key), "EVP_PKEY_generate");
  const pki::KeyHandle owner(key);
  return made.emplace(std::pair(bits, exponent), pki::PrivateKey::share(key)).first->second;
}

pki::PrivateKey odd_key(const std::string& kind) {
  const bool is_curve = kind.find("25519") == std::string::npos;
  const pki::KeyHandle key(checked(
      is_curve ? EVP_EC_gen(kind.c_str()) : EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str()),
      kind));
  return pki::PrivateKey::share(key.get());
}

}  // namespace siegel::tests
