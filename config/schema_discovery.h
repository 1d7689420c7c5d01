#pragma once

#include "config/config.h"
#include "config/key.h"

/// The parts of the schema that stand under `openpgp:` and `discovery:`.
namespace siegel::config {

template <typename Visitor>
void schema(Visitor& visit, OpenPgpSettings& openpgp) {
  visit(Key{.name = "directory",
            .about = "gpg's workbench: a folder of the relay's user alone, best in memory. Keys "
                     "are kept in the database, sealed; nothing here need be saved."},
        openpgp.directory);
  visit(
      Key{.name = "processes", .about = "gpg processes at the same time.", .least = 1, .most = 64},
      openpgp.processes);
  visit(Key{.name = "plaintext_octets",
            .about = "The largest message that is decrypted; a small one may hide a huge one.",
            .least = 1024,
            .most = 2ULL << 30U},
        openpgp.plaintext_octets);
  visit(Key{.name = "autocrypt",
            .about = "Learn keys from the field Autocrypt, and send it with mail of mailboxes that "
                     "have an OpenPGP key."},
        openpgp.autocrypt);
  visit(Key{.name = "life",
            .about = "How long a key that siegel key make makes is valid.",
            .least = 86400,
            .most = 3650ULL * 86400},
        openpgp.life);
}

template <typename Visitor>
void schema(Visitor& visit, DirectoryServer& server) {
  visit(Key{.name = "url",
            .about = "ldaps://host, or ldap://host; with a port if it is not 636 or 389.",
            .example = "ldaps://directory.pki.example",
            .required = true,
            .form = &directory_url},
        server.url);
  visit(Key{.name = "base",
            .about = "Where the search begins.",
            .example = "o=PKI-1-Verwaltung,c=DE",
            .required = true,
            .form = &distinguished_name},
        server.base);
  visit(Key{.name = "domains",
            .about = "Ask only for recipients in these domains; empty: for all. A directory learns "
                     "whom you write to.",
            .form = &domain_name},
        server.domains);
  visit(Key{.name = "start_tls", .about = "With ldap://: encrypt before anything is asked."},
        server.start_tls);
  visit(Key{.name = "ca_file",
            .about = "Certificates (PEM) to which the server's must chain; else those of the "
                     "system.",
            .example = "/etc/siegel/directory-ca.pem"},
        server.ca_file);
  visit(Key{.name = "bind_dn",
            .about = "Whom we sign in as; without it, anonymously.",
            .example = "cn=siegel,o=Stadt",
            .form = &distinguished_name},
        server.bind_dn);
  visit(Key{.name = "password",
            .about = "File whose first line is the password for bind_dn.",
            .example = "/etc/siegel/directory.password"},
        server.password);
  visit(Key{.name = "own_pki",
            .about = "true: the directory of our own PKI; its certificates come before those "
                     "learned from mail."},
        server.own_pki);
}

template <typename Visitor>
void schema(Visitor& visit, WebKeyDirectory& wkd) {
  visit(Key{.name = "enabled",
            .about = "Ask the web server of the recipient's domain for its OpenPGP key; it learns "
                     "that somebody wants to write."},
        wkd.enabled);
  visit(Key{.name = "domains",
            .about = "Only for recipients in these domains; empty: for all.",
            .form = &domain_name},
        wkd.domains);
  visit(Key{.name = "ca_file",
            .about = "Certificates (PEM) to which the server's must chain; else those of the "
                     "system.",
            .example = "/etc/siegel/web-ca.pem"},
        wkd.ca_file);
  visit(Key{.name = "proxy",
            .about = "A proxy that is asked to connect (CONNECT) instead.",
            .example = "10.1.2.3:3128"},
        wkd.proxy);
}

template <typename Visitor>
void schema(Visitor& visit, DnsKeys& dns) {
  visit(Key{.name = "smimea",
            .about = "Certificates in the domain's zone (RFC 8162), if DNSSEC vouches for it."},
        dns.smimea);
  visit(Key{.name = "openpgpkey",
            .about = "OpenPGP keys in the domain's zone (RFC 7929), if DNSSEC vouches for it."},
        dns.openpgpkey);
  visit(Key{.name = "resolver",
            .about = "A resolver to ask, as address and port; without it, the root servers and "
                     "those that they name.",
            .example = "10.1.2.3:53"},
        dns.resolver);
  visit(Key{.name = "trust_anchor",
            .about = "The key of the root zone (Debian: package dns-root-data)."},
        dns.trust_anchor);
}

template <typename Visitor>
void schema(Visitor& visit, DiscoverySettings& discovery) {
  visit(Key{.name = "ldap", .about = "LDAP directories, asked in this order."}, discovery.ldap);
  visit(Key{.name = "wkd", .about = "Web Key Directories (needs openpgp)."}, discovery.wkd);
  visit(Key{.name = "dns", .about = "DNS."}, discovery.dns);
  visit(Key{.name = "patience", .about = "For one question to one place.", .least = 1, .most = 60},
        discovery.patience);
  visit(Key{.name = "keep",
            .about = "How long it is remembered that a key was found.",
            .least = 60,
            .most = 30ULL * 86400},
        discovery.keep);
  visit(Key{.name = "keep_none",
            .about = "How long it is remembered that none was found.",
            .least = 60,
            .most = 30ULL * 86400},
        discovery.keep_none);
  visit(Key{.name = "wait",
            .about = "How long mail that demands encryption waits, before its sender gets an "
                     "answer, for a key to be found. 0 s: what is found helps the next mail.",
            .most = 60},
        discovery.wait);
}

}  // namespace siegel::config
