#include "tests/enrol/requests.h"

#include <algorithm>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "pki/asn1.h"

namespace siegel::tests {
namespace {

using pki::checked;
using Request = Handle<X509_REQ, X509_REQ_free>;
using Extension = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using Names = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

void free_extensions(STACK_OF(X509_EXTENSION) * all) {
  sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
}
using Extensions = Handle<STACK_OF(X509_EXTENSION), free_extensions>;

void push(STACK_OF(X509_EXTENSION) * all, int nid, const std::string& value) {
  sk_X509_EXTENSION_push(all,
                         checked(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()), value));
}

std::string common_name(const X509_NAME* subject) {
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return "nobody";
  return std::string(pki::octets_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
}

std::vector<std::string> addresses(const STACK_OF(X509_EXTENSION) * all) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509V3_get_d2i(all, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* text = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type == GEN_EMAIL) found.emplace_back(pki::octets_of(text));
  }
  return found;
}

pki::Usage usage(const STACK_OF(X509_EXTENSION) * all) {
  const Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free> bits(
      static_cast<ASN1_BIT_STRING*>(X509V3_get_d2i(all, NID_key_usage, nullptr, nullptr)));
  const bool signs = bits && ASN1_BIT_STRING_get_bit(bits.get(), 0) == 1;
  const bool encrypts = bits && (ASN1_BIT_STRING_get_bit(bits.get(), 2) == 1 ||
                                 ASN1_BIT_STRING_get_bit(bits.get(), 4) == 1);
  if (signs == encrypts) return pki::Usage::both;
  return signs ? pki::Usage::sign : pki::Usage::encrypt;
}

}  // namespace

std::string request_for(const pki::PrivateKey& key, const std::string& address) {
  const Request request(X509_REQ_new());
  X509_NAME* subject = X509_REQ_get_subject_name(request.get());
  const std::string name = "GRP: Bauamt";
  checked(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(name.data()),
                                     static_cast<int>(name.size()), -1, 0),
          "CN");
  checked(X509_REQ_set_pubkey(request.get(), key.get()), "X509_REQ_set_pubkey");
  const Extensions wanted(sk_X509_EXTENSION_new_null());
  push(wanted.get(), NID_subject_alt_name, "email:" + address);
  push(wanted.get(), NID_key_usage, "critical,digitalSignature");
  checked(X509_REQ_add_extensions(request.get(), wanted.get()), "X509_REQ_add_extensions");
  checked(X509_REQ_sign(request.get(), key.get(), EVP_sha256()), "X509_REQ_sign");
  return pki::to_der(request.get(), i2d_X509_REQ);
}

pki::Certificate with_key(const pki::Certificate& certificate, const pki::PrivateKey& key,
                          const pki::LocalCa& ca) {
  const pki::X509Handle copy(X509_dup(certificate.x509()));
  checked(X509_set_pubkey(copy.get(), key.get()), "X509_set_pubkey");
  checked(X509_sign(copy.get(), ca.key().get(), EVP_sha256()), "X509_sign");
  return pki::Certificate::from_der(pki::to_der(copy.get(), i2d_X509)).value();
}

std::string to_pem(const pki::PrivateKey& key) {
  const auto bio = pki::growing_bio();
  checked(
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
      "PEM_write_bio_PKCS8PrivateKey");
  return pki::octets_of(bio);
}

std::optional<pki::Certificate> issue_for(const pki::LocalCa& ca, std::string_view csr) {
  const Request request(pki::from_der_exactly<X509_REQ>(csr, d2i_X509_REQ, X509_REQ_free));
  if (!request || X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) != 1)
    return std::nullopt;
  const Extensions wanted(X509_REQ_get_extensions(request.get()));
  const Time now = SystemClock().now();
  return ca.issue({.common_name = common_name(X509_REQ_get_subject_name(request.get())),
                   .addresses = addresses(wanted.get()),
                   .usage = usage(wanted.get()),
                   .not_before = now - std::chrono::minutes(5),
                   .not_after = now + std::chrono::days(365)},
                  X509_REQ_get0_pubkey(request.get()));
}

}  // namespace siegel::tests
