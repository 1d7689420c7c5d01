#include "pki/import.h"

#include <algorithm>

#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "pki/asn1.h"
#include "pki/import_gathering.h"
#include "pki/pem.h"
#include "pki/secret.h"

namespace siegel::pki {
namespace {

constexpr std::size_t octets_limit = std::size_t{16} << 20U;

using Cms = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;

int give_password(char* buffer, int size, int /*writing*/, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(text, buffer);
  return static_cast<int>(text.size());
}

// A traditional key: in clear, or encrypted as its RFC 1421 header says. False if it is no key.
bool read_traditional_key(PemBlock& block, Gathering& gathering) {
  EVP_CIPHER_INFO cipher{};
  auto size = static_cast<long>(block.octets.size());
  auto* octets = reinterpret_cast<unsigned char*>(block.octets.data());
  std::string password = gathering.password();
  const bool opened = PEM_get_EVP_CIPHER_INFO(block.header.data(), &cipher) == 1 &&
                      PEM_do_header(&cipher, octets, &size, give_password, &password) == 1;
  OPENSSL_cleanse(password.data(), password.size());
  static_cast<void>(drain_openssl_errors());
  const std::string_view key(block.octets.data(), static_cast<std::size_t>(size));
  const bool added = opened && gathering.add_key(key);
  if (added || block.header.empty()) return added;
  gathering.lock();
  return true;
}

/// What may stand in a block that we read; any other kind is no business of ours.
using ReadBlock = bool (*)(PemBlock& block, Gathering& gathering);

ReadBlock reader_for(std::string_view label) {
  if (label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD)
    return [](PemBlock& block, Gathering& gathering) { return gathering.add(block.octets); };
  if (label == PEM_STRING_PKCS7 || label == PEM_STRING_CMS)
    return
        [](PemBlock& block, Gathering& gathering) { return read_pkcs7(block.octets, gathering); };
  if (label == PEM_STRING_PKCS8)
    return [](PemBlock& block, Gathering& gathering) {
      return read_encrypted_key(block.octets, gathering);
    };
  if (label == PEM_STRING_PKCS8INF || label == PEM_STRING_RSA || label == PEM_STRING_ECPRIVATEKEY)
    return read_traditional_key;
  return nullptr;
}

// What is passed over is missed later, when nobody looks at this file any more.
void read_block(PemBlock& block, std::size_t number, Gathering& gathering) {
  const ReadBlock read = reader_for(block.label);
  if (read == nullptr || (!block.is_broken && read(block, gathering))) return;
  throw Error(Fault::peer, "PEM block " + std::to_string(number) + " (" + block.label +
                               ") cannot be read; have the file exported anew, or take the block "
                               "out");
}

bool read_pem(std::string_view octets, Gathering& gathering) {
  if (octets.find("-----BEGIN ") == std::string_view::npos) return false;
  PemReader reader(octets);
  std::size_t number = 0;
  while (auto block = reader.next()) {
    const Cleansing cleansing(block->octets);
    gathering.recognise();
    read_block(*block, ++number, gathering);
  }
  return gathering.is_recognised();
}

bool read_single(std::string_view octets, Gathering& gathering) {
  if (Certificate::from_der(octets)) {
    gathering.add(octets);
    gathering.recognise();
    return true;
  }
  if (read_encrypted_key(octets, gathering)) return true;
  if (gathering.add_key(octets)) gathering.recognise();
  return gathering.is_recognised();
}

void read_anything(std::string_view octets, Gathering& gathering) {
  if (octets.size() > octets_limit)
    throw Error(Fault::peer,
                "this file is larger than 16 MiB; it holds more than certificates and "
                "keys of one mailbox");
  static_cast<void>(read_pem(octets, gathering) || read_single(octets, gathering) ||
                    read_pkcs7(octets, gathering) || read_pkcs12(octets, gathering));
}

}  // namespace

bool read_pkcs7(std::string_view octets, Gathering& gathering) {
  const Cms cms(
      from_der_exactly<CMS_ContentInfo>(octets, d2i_CMS_ContentInfo, CMS_ContentInfo_free));
  if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) return false;
  gathering.recognise();
  const X509StackHandle all(CMS_get1_certs(cms.get()));
  for (int i = 0; i < sk_X509_num(all.get()); ++i) gathering.add(sk_X509_value(all.get(), i));
  static_cast<void>(drain_openssl_errors());
  return true;
}

Bundle read_bundle(std::string_view octets, const std::string& password) {
  Gathering gathering(password);
  read_anything(octets, gathering);
  if (gathering.is_locked() && password.empty())
    throw Error(Fault::peer, "this file is protected; give the password that came with it");
  if (gathering.is_locked())
    throw Error(Fault::peer,
                "the password does not open this file, or the file is damaged; try the password "
                "again, or have the file exported anew");
  if (!gathering.is_recognised())
    throw Error(Fault::peer,
                "this is none of PKCS#12 (.p12, .pfx), PEM, P7B, or a certificate or key in DER; "
                "ask for the file in one of these forms");
  if (gathering.is_empty())
    throw Error(Fault::peer,
                "this file holds neither a certificate nor a private key; check that "
                "it is the right one");
  return gathering.take();
}

bool needs_password(std::string_view octets) {
  Gathering gathering({});
  read_anything(octets, gathering);
  return gathering.is_locked();
}

}  // namespace siegel::pki
