#include "pki/csr.h"

#include <openssl/pem.h>

#include "base/utf8.h"
#include "pki/asn1.h"
#include "pki/extensions.h"
#include "pki/mail_names.h"
#include "pki/pem.h"
#include "pki/subject.h"

namespace siegel::pki {
namespace {

constexpr std::size_t octets_limit = std::size_t{64} << 10U;

using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using ExtensionHandle = Handle<X509_EXTENSION, X509_EXTENSION_free>;

void free_extensions(STACK_OF(X509_EXTENSION) * extensions) {
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}
using ExtensionsHandle = Handle<STACK_OF(X509_EXTENSION), free_extensions>;

void push(STACK_OF(X509_EXTENSION) * extensions, ExtensionHandle extension) {
  checked(sk_X509_EXTENSION_push(extensions, extension.get()), "sk_X509_EXTENSION_push");
  static_cast<void>(extension.release());
}

ExtensionHandle by_text(int nid, const std::string& value) {
  return ExtensionHandle(
      checked(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()), "X509V3_EXT_conf_nid"));
}

ExtensionsHandle extensions_for(const PrivateKey& key, const CsrContent& content) {
  ExtensionsHandle extensions(checked(sk_X509_EXTENSION_new_null(), "sk_X509_EXTENSION_new_null"));
  std::string usage = key_usage(content.usage, key.get());
  if (content.non_repudiation && content.usage != Usage::encrypt) usage += ",nonRepudiation";
  push(extensions.get(), by_text(NID_key_usage, usage));
  push(extensions.get(), by_text(NID_ext_key_usage, "emailProtection"));
  std::vector<std::string> addresses;
  for (const Address& address : content.addresses) addresses.push_back(address.str());
  const GeneralNamesHandle names = alternative_names(addresses);
  push(extensions.get(),
       ExtensionHandle(
           checked(X509V3_EXT_i2d(NID_subject_alt_name, 0, names.get()), "X509V3_EXT_i2d")));
  return extensions;
}

/// PEM's body, or the octets as they are.
std::string der_of(std::string_view octets) {
  PemReader reader(octets);
  while (const auto block = reader.next()) {
    const bool is_request =
        block->label == PEM_STRING_X509_REQ || block->label == PEM_STRING_X509_REQ_OLD;
    if (is_request && !block->is_broken) return block->octets;
  }
  return std::string(octets);
}

std::uint32_t usage_asked_for(const STACK_OF(X509_EXTENSION) * extensions) {
  const Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free> bits(
      static_cast<ASN1_BIT_STRING*>(X509V3_get_d2i(extensions, NID_key_usage, nullptr, nullptr)));
  if (!bits || bits->length < 1) return 0;
  return bits->data[0];
}

std::vector<Address> addresses_asked_for(const STACK_OF(X509_EXTENSION) * extensions) {
  const GeneralNamesHandle names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)));
  return names ? mail_names(names.get()).addresses : std::vector<Address>{};
}

Csr read(X509_REQ* request) {
  const ExtensionsHandle extensions(X509_REQ_get_extensions(request));
  const std::uint32_t usage = usage_asked_for(extensions.get());
  Csr csr;
  csr.name = subject_text(X509_REQ_get_subject_name(request));
  csr.public_key.reset(checked(X509_REQ_get_pubkey(request), "X509_REQ_get_pubkey"));
  csr.subject = printable_name(X509_REQ_get_subject_name(request));
  csr.key_id = sha256_hex(to_der(X509_REQ_get0_pubkey(request), i2d_PUBKEY));
  csr.addresses = addresses_asked_for(extensions.get());
  csr.signs = (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
  csr.encrypts = (usage & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
  return csr;
}

}  // namespace

std::string make_csr(const PrivateKey& key, const CsrContent& content) {
  const NameHandle subject = parse_subject(content.subject);
  const RequestHandle request(checked(X509_REQ_new(), "X509_REQ_new"));
  checked(X509_REQ_set_version(request.get(), X509_REQ_VERSION_1), "X509_REQ_set_version");
  checked(X509_REQ_set_subject_name(request.get(), subject.get()), "X509_REQ_set_subject_name");
  checked(X509_REQ_set_pubkey(request.get(), key.get()), "X509_REQ_set_pubkey");
  const ExtensionsHandle extensions = extensions_for(key, content);
  checked(X509_REQ_add_extensions(request.get(), extensions.get()), "X509_REQ_add_extensions");
  checked(X509_REQ_sign(request.get(), key.get(), digest_for(key.get())), "X509_REQ_sign");
  return to_der(request.get(), i2d_X509_REQ);
}

std::optional<Csr> parse_csr(std::string_view octets) {
  if (octets.size() > octets_limit) return std::nullopt;
  const RequestHandle request(
      from_der_exactly<X509_REQ>(der_of(octets), d2i_X509_REQ, X509_REQ_free));
  EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  const bool has_proof = key != nullptr && X509_REQ_verify(request.get(), key) == 1;
  auto csr = has_proof ? std::optional(read(request.get())) : std::nullopt;
  static_cast<void>(drain_openssl_errors());
  return csr;
}

}  // namespace siegel::pki
