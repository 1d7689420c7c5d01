#include "pki/discovery/wkd_location.h"

#include <array>

#include <openssl/evp.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "pki/openssl.h"

namespace siegel::pki::discovery {
namespace {

std::string sha1(std::string_view octets) {
  std::string digest(20, '\0');
  unsigned int size = 0;
  checked(EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()),
                     &size, EVP_sha1(), nullptr),
          "EVP_Digest");
  return digest;
}

/// RFC 3986 §2.3: what is unreserved stays.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char octet : text) {
    const bool is_plain = ascii::is_alpha(octet) || ascii::is_digit(octet) || octet == '-' ||
                          octet == '.' || octet == '_' || octet == '~';
    encoded += is_plain ? std::string(1, octet) : '%' + hex({&octet, 1});
  }
  return encoded;
}

std::string file_and_query(const Address& address) {
  return "hu/" + hashed_local_part(address) + "?l=" + percent_encoded(address.local());
}

}  // namespace

std::string zbase32(std::string_view octets) {
  constexpr std::string_view digits = "ybndrfg8ejkmcpqxot1uwisza345h769";
  std::string text;
  unsigned int bits = 0;
  int count = 0;
  for (const char octet : octets) {
    bits = (bits << 8U | static_cast<unsigned char>(octet)) & 0xFFFU;
    for (count += 8; count >= 5; count -= 5) text += digits[bits >> (count - 5) & 31U];
  }
  if (count > 0) text += digits[bits << (5 - count) & 31U];
  return text;
}

std::string hashed_local_part(const Address& address) {
  return zbase32(sha1(ascii::lower(address.local())));
}

WebKeyLocation advanced_location(const Address& address) {
  const std::string& domain = address.domain();
  return {"openpgpkey." + domain,
          "/.well-known/openpgpkey/" + domain + '/' + file_and_query(address)};
}

WebKeyLocation direct_location(const Address& address) {
  return {address.domain(), "/.well-known/openpgpkey/" + file_and_query(address)};
}

}  // namespace siegel::pki::discovery
