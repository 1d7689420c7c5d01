#include "pki/discovery/ldap.h"

#include "base/error.h"
#include "pki/discovery/directory_value.h"
#include "pki/discovery/ldap_filter.h"
#include "pki/discovery/ldap_session.h"
#include "pki/private_file.h"

namespace siegel::pki::discovery {
namespace {

Secret read_password(const std::filesystem::path& file) {
  Secret password = PrivateFile{"the password of the directory", file,
                                "create it, or correct discovery.ldap in siegel.yaml"}
                        .read(4096);
  password.cut(std::min(password.octets().find_first_of("\r\n"), password.octets().size()));
  return password;
}

void take(const LdapSession::Entry& entry, Finds& finds) {
  for (const std::string& value : entry.certificates) take_certificate(value, finds);
  for (const std::string& value : entry.smime_certificates) take_smime_certificates(value, finds);
}

}  // namespace

Provenance LdapDirectory::provenance() const {
  return server_.own_pki ? Provenance::directory : Provenance::foreign_directory;
}

bool LdapDirectory::serves(const Address& address) const {
  return is_among(server_.domains, address);
}

std::string LdapDirectory::asked(const Address& /*address*/) const {
  return server_.url;
}

Finds LdapDirectory::ask(const Address& address, std::chrono::milliseconds patience) const {
  LdapSession session(server_, patience);
  if (server_.bind_dn) session.bind(*server_.bind_dn, read_password(*server_.password));
  Finds finds;
  session.search(server_.base, filter_for(address),
                 [&](const LdapSession::Entry& entry) { take(entry, finds); });
  if (finds.trouble.empty()) finds.trouble = session.trouble();
  return finds;
}

}  // namespace siegel::pki::discovery
