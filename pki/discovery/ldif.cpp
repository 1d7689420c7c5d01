#include "pki/discovery/ldif.h"

#include "pki/store_base64.h"

namespace siegel::pki::discovery {
namespace {

/// In base64, so that no value can be anything but a value.
std::string line(const std::string& name, const std::string& value) {
  return name + ":: " + to_base64(value) + '\n';
}

std::string entry(const std::string& base, const PublishedMailbox& mailbox) {
  const std::string address = mailbox.address.str();
  const std::string& called = mailbox.display_name.empty() ? address : mailbox.display_name;
  return line("dn", "mail=" + escape_for_name(address) + ',' + base) +
         "objectClass: inetOrgPerson\n" + line("cn", called) + line("sn", called) +
         line("mail", address) + line("userCertificate;binary", mailbox.certificate.der()) + '\n';
}

}  // namespace

std::string escape_for_name(std::string_view value) {
  constexpr std::string_view special("\"+,;<>=\\", 8);
  std::string escaped;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char octet = value[i];
    if (octet == '\0') {
      escaped += "\\00";
      continue;
    }
    const bool is_edge =
        (octet == ' ' && (i == 0 || i + 1 == value.size())) || (octet == '#' && i == 0);
    if (is_edge || special.find(octet) != std::string_view::npos) escaped += '\\';
    escaped += octet;
  }
  return escaped;
}

std::string ldif(const std::string& base, const std::vector<PublishedMailbox>& mailboxes) {
  std::string text = "version: 1\n\n";
  for (const PublishedMailbox& mailbox : mailboxes) text += entry(base, mailbox);
  return text;
}

}  // namespace siegel::pki::discovery
