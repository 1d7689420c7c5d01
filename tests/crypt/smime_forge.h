#pragma once

#include <functional>
#include <string>
#include <vector>

#include <openssl/cms.h>

#include "gateway/crypt/smime_cms.h"
#include "tests/crypt/smime_world.h"

/// Makes SignedData that nobody should make: OpenSSL's own functions with everything left open, and
/// surgery on what they give.
namespace siegel::tests {

/// What is done to a SignerInfo before or after it was signed.
using Surgery = std::function<void(CMS_SignerInfo*)>;

class Forge {
 public:
  explicit Forge(std::string content = mail_entity) : content_(std::move(content)) {}

  Forge& signed_by(const Party& party, const EVP_MD* digest = EVP_sha256(), unsigned int flags = 0);
  /// To the last signer, before its signature is made.
  Forge& before(const Surgery& surgery);
  /// To the last signer, after it was made; the signature is not made again.
  Forge& after(const Surgery& surgery);
  /// The same, and the attributes are signed again by `party`, whatever OpenSSL thinks of them.
  Forge& rework(const Party& party, const Surgery& surgery);
  Forge& with_certificate(const pki::Certificate& certificate);
  Forge& with_crl(const pki::Crl& crl);
  Forge& with_content_inside();
  Forge& of_type(int content_nid);

  [[nodiscard]] std::string der();

 private:
  CMS_SignerInfo* last();

  std::string content_;
  crypt::smime::CmsHandle cms_ = fresh();
  std::vector<Surgery> after_;
  bool inside_ = false;

  static crypt::smime::CmsHandle fresh();
};

/// Replaces a signer's signature by one of `key` over the attributes as they stand.
void sign_attributes_again(CMS_SignerInfo* signer, const pki::PrivateKey& key);

/// Replaces the certificate in `der` by `other`, octet for octet elsewhere.
std::string with_certificate_replaced(const std::string& der, const pki::Certificate& original,
                                      const pki::Certificate& other);

/// One DER element.
std::string element(char tag, const std::string& content);

/// The same SignedData, but that nobody has signed it.
std::string without_signers(const std::string& der);

/// The same structure in BER, with outer lengths that are not told beforehand.
std::string as_indefinite(const std::string& der);

/// An opaque signature in BER as streaming programs write it: the content in many pieces.
std::string as_streamed_ber(const Party& party, const std::string& content);

/// An attribute with any number of values of type OCTET STRING.
void add_octets_attribute(CMS_SignerInfo* signer, int nid, const std::vector<std::string>& values);

void remove_attribute(CMS_SignerInfo* signer, int nid);

}  // namespace siegel::tests
