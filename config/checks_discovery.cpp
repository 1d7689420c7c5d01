#include "config/checks_discovery.h"

#include <algorithm>
#include <initializer_list>

namespace siegel::config {
namespace {

using Problems = std::vector<Problem>;

void check_server(const DirectoryServer& server, const TreeNode& node, Problems& problems) {
  const bool is_tls = server.url.starts_with("ldaps://");
  if (is_tls && server.start_tls)
    report(problems, place_of(node, "start_tls"),
           "ldaps:// is encrypted from the start; take start_tls out, or write ldap://");
  if (server.ca_file && !is_tls && !server.start_tls)
    report(problems, place_of(node, "ca_file"),
           "without TLS nobody shows a certificate; write ldaps:// or start_tls: true");
  if (server.bind_dn.has_value() != server.password.has_value())
    report(problems, place_of(node, server.bind_dn ? "bind_dn" : "password"),
           "\"bind_dn\" and \"password\" belong together; write both, or neither");
  if (server.bind_dn && !is_tls && !server.start_tls)
    report(problems, place_of(node, "bind_dn"),
           "the password would cross the network in clear; write ldaps:// or start_tls: true");
}

/// True if `section` is there and says neither yes nor no to any of `switches`.
bool lacks_switch(const TreeNode& node, std::string_view section,
                  std::initializer_list<std::string_view> switches) {
  const TreeNode* const written = node.find(section);
  return written != nullptr && std::ranges::none_of(switches, [&](std::string_view key) {
           return written->find(key) != nullptr;
         });
}

}  // namespace

void check_discovery(const Config& config, const TreeNode& node, Problems& problems) {
  const DiscoverySettings& discovery = config.discovery;
  const TreeNode* const list = node.find("ldap");
  for (std::size_t i = 0; i < discovery.ldap.size(); ++i)
    check_server(discovery.ldap[i], list->children[i], problems);
  if (lacks_switch(node, "wkd", {"enabled"}))
    report(problems, place_of(node, "wkd"),
           "Web Key Directories are not asked without enabled: true; write that, or take wkd out");
  if (lacks_switch(node, "dns", {"smimea", "openpgpkey"}))
    report(problems, place_of(node, "dns"),
           "the DNS is not asked without smimea: true or openpgpkey: true; write one of them, or "
           "take dns out");
  if (discovery.wkd.enabled && !config.openpgp)
    report(problems, place_of(node, "wkd"),
           "Web Key Directories hold OpenPGP keys; write the section \"openpgp\", or take wkd out");
  if (discovery.dns.openpgpkey && !config.openpgp)
    report(problems, place_of(node, "dns"),
           "\"openpgpkey\" finds OpenPGP keys; write the section \"openpgp\", or take it out");
}

}  // namespace siegel::config
