#include "pki/discovery/ldap_filter.h"

#include "base/hex.h"

namespace siegel::pki::discovery {

std::string escape_for_filter(std::string_view value) {
  constexpr std::string_view special("\0()*\\", 5);
  std::string escaped;
  for (const char octet : value) {
    if (special.find(octet) == std::string_view::npos) {
      escaped += octet;
    } else {
      escaped += '\\' + hex({&octet, 1});
    }
  }
  return escaped;
}

std::string filter_for(const Address& address) {
  const std::string value = escape_for_filter(address.str());
  return "(|(mail=" + value + ")(rfc822Mailbox=" + value + "))";
}

}  // namespace siegel::pki::discovery
