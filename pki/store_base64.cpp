#include "pki/store_base64.h"

#include <openssl/evp.h>

namespace siegel::pki {
namespace {

const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

unsigned char* bytes(std::string& octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}

}  // namespace

std::string to_base64(std::string_view octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a NUL
  const int size = EVP_EncodeBlock(bytes(text), bytes(octets), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string from_base64(std::string_view text) {
  std::string octets(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytes(octets), bytes(text), static_cast<int>(text.size()));
  if (size < 0) return {};
  // OpenSSL counts the padding as octets.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  octets.resize(static_cast<std::size_t>(size) - padding);
  return octets;
}

}  // namespace siegel::pki
