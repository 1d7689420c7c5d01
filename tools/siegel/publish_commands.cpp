#include <algorithm>
#include <iostream>

#include "base/disk.h"
#include "base/error.h"
#include "pki/discovery/ldif.h"
#include "pki/discovery/web_key_tree.h"
#include "pki/openpgp_keys.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

struct Arguments {
  std::filesystem::path directory, file = "-";
  std::string base = "o=Siegel";
};

/// The certificate by which others write to the mailbox; that of its domain is no answer here.
std::optional<pki::Certificate> published_certificate(const pki::KeyStore& store,
                                                      const Address& mailbox, Time now) {
  const auto chosen = store.own_encryption(mailbox, now);
  const auto all = store.own_certificates();
  const bool is_its_own = chosen && std::ranges::any_of(all, [&](const pki::OwnCertificate& own) {
                            return own.mailbox == mailbox && own.certificate == *chosen;
                          });
  return is_its_own ? chosen : std::nullopt;
}

void publish_ldif(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  const Time now = SystemClock().now();
  std::vector<pki::discovery::PublishedMailbox> published;
  for (const pki::Mailbox& mailbox : store->mailboxes()) {
    if (pki::is_domain_wide(mailbox.address)) continue;
    if (const auto certificate = published_certificate(*store, mailbox.address, now))
      published.push_back({mailbox.address, mailbox.display_name, *certificate});
  }
  const std::string text = pki::discovery::ldif(arguments.base, published);
  if (arguments.file == "-") {
    std::cout << text;
    return;
  }
  PosixDisk disk;
  replace_file(disk, arguments.file, Octets(Blob(text)));
  context.say({{"file", arguments.file.string()}, {"mailboxes", published.size()}},
              "wrote " + std::to_string(published.size()) + " mailboxes to " +
                  printable(arguments.file.string()));
}

void publish_wkd(const Context& context, const Arguments& arguments) {
  const auto config = context.config();
  OpenStore store(context);
  if (store->openpgp() == nullptr) {
    throw Error(Fault::peer,
                "a Web Key Directory holds OpenPGP keys, and OpenPGP is not set up; write the "
                "section `openpgp:` in siegel.yaml");
  }
  const Time now = SystemClock().now();
  std::vector<pki::discovery::PublishedKey> published;
  for (const pki::Mailbox& mailbox : store->mailboxes()) {
    if (const auto key = store->openpgp()->own_encryption(mailbox.address, now);
        key && !pki::is_domain_wide(mailbox.address))
      published.push_back({mailbox.address, key->octets, key->subkeys.front().created});
  }
  pki::discovery::write_web_key_tree(arguments.directory, config->domains, published);
  context.say({{"directory", arguments.directory.string()}, {"keys", published.size()}},
              "wrote " + std::to_string(published.size()) + " keys below " +
                  printable(arguments.directory.string()));
}

}  // namespace

void add_publish_commands(CLI::App& app, Context& context) {
  CLI::App* publish = app.add_subcommand("publish", "give our own keys to others");
  publish->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  CLI::App* wkd =
      publish->add_subcommand("wkd", "OpenPGP keys as a Web Key Directory for a web server");
  wkd->add_option("directory", arguments->directory,
                  "what is given out as https://openpgpkey.DOMAIN/.well-known/openpgpkey/")
      ->required();
  wkd->callback([&context, arguments] { publish_wkd(context, *arguments); });

  CLI::App* ldif = publish->add_subcommand("ldif", "certificates as LDIF for ldapadd");
  ldif->add_option("file", arguments->file, "standard output without it");
  ldif->add_option("--base", arguments->base, "entry below which they stand")
      ->capture_default_str();
  ldif->callback([&context, arguments] { publish_ldif(context, *arguments); });
}

}  // namespace siegel::tools
