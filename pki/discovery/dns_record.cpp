#include "pki/discovery/dns_record.h"

#include <openssl/evp.h>

#include "base/hex.h"
#include "pki/discovery/directory_value.h"
#include "pki/openssl.h"

namespace siegel::pki::discovery {
namespace {

constexpr std::size_t name_octets = 28;

std::string hashed_name(const Address& address, std::string_view below) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  checked(EVP_Digest(address.local().data(), address.local().size(),
                     reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(), nullptr),
          "EVP_Digest");
  return hex(std::string_view(digest).substr(0, name_octets)) + '.' + std::string(below) + '.' +
         address.domain() + '.';
}

}  // namespace

std::string smimea_name(const Address& address) {
  return hashed_name(address, "_smimecert");
}

std::string openpgpkey_name(const Address& address) {
  return hashed_name(address, "_openpgpkey");
}

void take_smimea(std::string_view data, Finds& finds) {
  if (data.size() < 4) {
    if (finds.trouble.empty()) finds.trouble = "a record is too short and was passed over";
    return;
  }
  const auto usage = static_cast<unsigned char>(data[0]);
  const bool is_end_entity = usage == 1 || usage == 3;
  const bool is_whole = data[1] == 0 && data[2] == 0;
  if (is_end_entity && is_whole) take_certificate(data.substr(3), finds);
}

void take_openpgpkey(std::string_view data, Finds& finds) {
  const bool is_taken =
      !data.empty() && data.size() <= find_octets_limit && finds.openpgp.size() < finds_limit;
  if (is_taken) {
    finds.openpgp.emplace_back(data);
  } else if (finds.trouble.empty()) {
    finds.trouble = "a record is empty, too large or one too many and was passed over";
  }
}

}  // namespace siegel::pki::discovery
