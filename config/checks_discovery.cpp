#include "config/checks_discovery.h"

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

bool has_terms(const WebKeyDirectory& wkd) {
  return !wkd.domains.empty() || wkd.ca_file || wkd.proxy;
}

}  // namespace

void check_discovery(const Config& config, const TreeNode& node, Problems& problems) {
  const DiscoverySettings& discovery = config.discovery;
  const TreeNode* const list = node.find("ldap");
  for (std::size_t i = 0; i < discovery.ldap.size(); ++i)
    check_server(discovery.ldap[i], list->children[i], problems);
  if (node.find("wkd") != nullptr && !discovery.wkd.enabled && has_terms(discovery.wkd))
    report(problems, place_of(node, "wkd"),
           "Web Key Directories are not asked without enabled: true; write that, or take wkd out");
  if (discovery.dns.resolver && !discovery.dns.smimea && !discovery.dns.openpgpkey)
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
