#include "tests/crypt/smime_forge.h"

#include <algorithm>

namespace siegel::tests {

using crypt::smime::CmsHandle;
using pki::checked;

CmsHandle Forge::fresh() {
  CmsHandle cms(checked(CMS_ContentInfo_new(), "CMS_ContentInfo_new"));
  checked(CMS_SignedData_init(cms.get()), "CMS_SignedData_init");
  return cms;
}

Forge& Forge::signed_by(const Party& party, const EVP_MD* digest, unsigned int flags) {
  // The same signer twice brings its certificate once.
  const pki::X509StackHandle there(CMS_get1_certs(cms_.get()));
  for (int i = 0; i < sk_X509_num(there.get()); ++i)
    if (X509_cmp(sk_X509_value(there.get(), i), party.certificate.x509()) == 0)
      flags |= CMS_NOCERTS;
  static_cast<void>(checked(CMS_add1_signer(cms_.get(), party.certificate.x509(), party.key.get(),
                                            digest, flags | CMS_NOSMIMECAP),
                            "CMS_add1_signer"));
  if ((flags & CMS_NOATTR) == 0) {
    const Handle<ASN1_TIME, ASN1_TIME_free> time(ASN1_TIME_set(nullptr, to_unix(noon())));
    checked(
        CMS_signed_add1_attr_by_NID(last(), NID_pkcs9_signingTime, V_ASN1_UTCTIME, time.get(), -1),
        "signing-time");
  }
  for (const pki::Certificate& issuer : party.chain) with_certificate(issuer);
  return *this;
}

CMS_SignerInfo* Forge::last() {
  STACK_OF(CMS_SignerInfo)* const all = CMS_get0_SignerInfos(cms_.get());
  return sk_CMS_SignerInfo_value(all, sk_CMS_SignerInfo_num(all) - 1);
}

Forge& Forge::before(const Surgery& surgery) {
  surgery(last());
  return *this;
}

Forge& Forge::after(const Surgery& surgery) {
  after_.emplace_back([signer = last(), surgery](CMS_SignerInfo*) { surgery(signer); });
  return *this;
}

Forge& Forge::rework(const Party& party, const Surgery& surgery) {
  return after([key = party.key, surgery](CMS_SignerInfo* signer) {
    surgery(signer);
    sign_attributes_again(signer, key);
  });
}

Forge& Forge::with_certificate(const pki::Certificate& certificate) {
  if (CMS_add1_cert(cms_.get(), certificate.x509()) != 1) ERR_clear_error();  // is there already
  return *this;
}

Forge& Forge::with_crl(const pki::Crl& crl) {
  checked(CMS_add1_crl(cms_.get(), crl.x509_crl()), "CMS_add1_crl");
  return *this;
}

Forge& Forge::with_content_inside() {
  inside_ = true;
  return *this;
}

Forge& Forge::of_type(int content_nid) {
  checked(CMS_set1_eContentType(cms_.get(), OBJ_nid2obj(content_nid)), "CMS_set1_eContentType");
  return *this;
}

std::string Forge::der() {
  checked(CMS_set_detached(cms_.get(), inside_ ? 0 : 1), "CMS_set_detached");
  crypt::smime::fill(cms_.get(), octets(content_));
  for (const Surgery& surgery : after_) surgery(nullptr);
  return crypt::smime::der_of(cms_.get());
}

std::string element(char tag, const std::string& content) {
  std::string size;
  for (std::size_t rest = content.size(); rest > 0; rest >>= 8U)
    size.insert(size.begin(), static_cast<char>(rest & 255U));
  if (content.size() < 128)
    return tag + std::string(1, static_cast<char>(content.size())) + content;
  return tag + std::string(1, static_cast<char>(0x80U | size.size())) + size + content;
}

namespace {

// SET OF in DER is sorted (X.690 §11.6).
std::string attribute_set(const CMS_SignerInfo* signer) {
  std::vector<std::string> all;
  for (int i = 0; i < CMS_signed_get_attr_count(signer); ++i)
    all.push_back(pki::to_der(CMS_signed_get_attr(signer, i), i2d_X509_ATTRIBUTE));
  std::sort(all.begin(), all.end(), [](const std::string& a, const std::string& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    });
  });
  std::string content;
  for (const std::string& one : all) content += one;
  return element('\x31', content);
}

}  // namespace

void sign_attributes_again(CMS_SignerInfo* signer, const pki::PrivateKey& key) {
  X509_ALGOR* digest = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, nullptr);
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  checked(EVP_DigestSignInit(context.get(), nullptr,
                             EVP_get_digestbynid(crypt::smime::nid_of(digest)), nullptr, key.get()),
          "EVP_DigestSignInit");
  const std::string covered = attribute_set(signer);
  const auto* data = reinterpret_cast<const unsigned char*>(covered.data());
  std::size_t size = 0;
  checked(EVP_DigestSign(context.get(), nullptr, &size, data, covered.size()), "EVP_DigestSign");
  std::string value(size, '\0');
  checked(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(value.data()), &size, data,
                         covered.size()),
          "EVP_DigestSign");
  checked(
      ASN1_STRING_set(CMS_SignerInfo_get0_signature(signer), value.data(), static_cast<int>(size)),
      "ASN1_STRING_set");
}

std::string with_certificate_replaced(const std::string& der, const pki::Certificate& original,
                                      const pki::Certificate& other) {
  // Certificates stand in a SET of their own, so OpenSSL can write it again with another one.
  const CmsHandle cms = crypt::smime::parse_cms(der, der.size());
  const pki::X509StackHandle all(CMS_get1_certs(cms.get()));
  for (int i = 0; i < sk_X509_num(all.get()); ++i) {
    X509* const x509 = sk_X509_value(all.get(), i);
    if (X509_cmp(x509, original.x509()) != 0) continue;
    // The object in the structure is shared with the stack: give it the other one's octets.
    const auto* at = reinterpret_cast<const unsigned char*>(other.der().data());
    X509* shared = x509;
    static_cast<void>(
        checked(d2i_X509(&shared, &at, static_cast<long>(other.der().size())), "d2i_X509"));
  }
  return crypt::smime::der_of(cms.get());
}

std::string without_signers(const std::string& der) {
  const auto outer = crypt::smime::DerReader(der).next();
  crypt::smime::DerReader info(outer->content);
  const auto type = info.next();
  const auto wrapped = info.next();
  const auto signed_data = crypt::smime::DerReader(wrapped->content).next();
  std::vector<std::string> fields;
  crypt::smime::DerReader reader(signed_data->content);
  while (const auto field = reader.next())
    fields.push_back(element(static_cast<char>(field->tag), std::string(field->content)));
  fields.back() = element('\x31', "");  // signerInfos stand last (RFC 5652 §5.1)
  std::string all;
  for (const std::string& field : fields) all += field;
  return element(
      '\x30', element('\x06', std::string(type->content)) + element('\xA0', element('\x30', all)));
}

std::string as_indefinite(const std::string& der) {
  const auto outer = crypt::smime::DerReader(der).next();
  crypt::smime::DerReader fields(outer->content);
  const auto type = fields.next();
  const auto content = fields.next();
  std::string ber("\x30\x80\x06");
  ber += static_cast<char>(type->content.size());
  ber += type->content;
  ber += "\xA0\x80";
  ber += content->content;
  return ber + std::string(4, '\0');  // two ends of contents
}

std::string as_streamed_ber(const Party& party, const std::string& content) {
  const pki::BioHandle in = pki::memory_bio(content);
  constexpr unsigned int flags = CMS_STREAM | CMS_BINARY;
  const CmsHandle cms(checked(
      CMS_sign(party.certificate.x509(), party.key.get(), nullptr, in.get(), flags), "CMS_sign"));
  for (const pki::Certificate& issuer : party.chain)
    checked(CMS_add1_cert(cms.get(), issuer.x509()), "CMS_add1_cert");
  const pki::BioHandle out = pki::growing_bio();
  checked(i2d_CMS_bio_stream(out.get(), cms.get(), in.get(), static_cast<int>(flags)),
          "i2d_CMS_bio_stream");
  return pki::octets_of(out);
}

void add_octets_attribute(CMS_SignerInfo* signer, int nid, const std::vector<std::string>& values) {
  const Handle<X509_ATTRIBUTE, X509_ATTRIBUTE_free> attribute(
      checked(X509_ATTRIBUTE_new(), "X509_ATTRIBUTE_new"));
  checked(X509_ATTRIBUTE_set1_object(attribute.get(), OBJ_nid2obj(nid)), "object");
  for (const std::string& value : values)
    checked(X509_ATTRIBUTE_set1_data(attribute.get(), V_ASN1_OCTET_STRING, value.data(),
                                     static_cast<int>(value.size())),
            "value");
  checked(CMS_signed_add1_attr(signer, attribute.get()), "CMS_signed_add1_attr");
}

void remove_attribute(CMS_SignerInfo* signer, int nid) {
  const int at = CMS_signed_get_attr_by_NID(signer, nid, -1);
  X509_ATTRIBUTE_free(CMS_signed_delete_attr(signer, at));
}

}  // namespace siegel::tests
