#include "pki/discovery/places.h"

#include "pki/discovery/dns.h"
#include "pki/discovery/ldap.h"
#include "pki/discovery/wkd.h"

namespace siegel::pki::discovery {

std::vector<std::unique_ptr<Place>> places(const config::DiscoverySettings& settings) {
  std::vector<std::unique_ptr<Place>> all;
  for (const config::DirectoryServer& server : settings.ldap)
    all.push_back(std::make_unique<LdapDirectory>(server));
  if (settings.dns.smimea || settings.dns.openpgpkey)
    all.push_back(std::make_unique<DnsZone>(settings.dns));
  if (settings.wkd.enabled) all.push_back(std::make_unique<WebKeys>(settings.wkd));
  return all;
}

Finder::Terms terms(const config::DiscoverySettings& settings) {
  return {settings.patience, settings.keep, settings.keep_none};
}

}  // namespace siegel::pki::discovery
