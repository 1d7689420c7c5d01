#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

void add(const Context& context, const std::string& address, const std::string& display_name) {
  OpenStore store(context);
  const Address mailbox = address_argument(address);
  if (!context.config()->is_ours(mailbox)) {
    throw Error(Fault::peer,
                mailbox.domain() + " is none of our domains; add it under `domains:` first");
  }
  const bool added = store->add_mailbox(mailbox, display_name);
  context.say({{"address", mailbox.str()}, {"added", added}},
              (added ? "added " : "was there already: ") + mailbox.str());
}

void list(const Context& context) {
  OpenStore store(context);
  const Time now = SystemClock().now();
  Table table({"address", "display_name", "created", "signs", "note"});
  for (const pki::Mailbox& mailbox : store->mailboxes()) {
    const auto signer = store->signer(mailbox.address, now);
    table.add({mailbox.address.str(), mailbox.display_name, rfc3339(mailbox.created),
               signer.has_value(),
               signer ? "until " + rfc3339(signer->certificate.not_after())
                      : store->why_no_signer(mailbox.address, now)});
  }
  table.print(std::cout, context.json);
}

void show(const Context& context, const std::string& text) {
  OpenStore store(context);
  const Address address = address_argument(text);
  const auto all = store->mailboxes();
  if (std::ranges::find(all, address, &pki::Mailbox::address) == all.end()) {
    throw Error(Fault::peer,
                "there is no mailbox " + address.str() + "; `siegel mailbox list` shows all");
  }
  Table table({"use", "signs_now", "has_key", "not_before", "not_after", "issuer", "serial",
               "fingerprint"});
  for (const pki::OwnCertificate& own : store->own_certificates()) {
    if (own.mailbox != address) continue;
    table.add({use_name(own.use), own.signs_now, own.has_key, rfc3339(own.certificate.not_before()),
               rfc3339(own.certificate.not_after()), own.certificate.issuer(),
               own.certificate.serial(), own.certificate.fingerprint()});
  }
  table.print(std::cout, context.json);
}

}  // namespace

void add_mailbox_commands(CLI::App& app, Context& context) {
  CLI::App* mailbox = app.add_subcommand("mailbox", "our mailboxes");
  mailbox->require_subcommand(1);
  auto address = std::make_shared<std::string>();
  auto display_name = std::make_shared<std::string>();

  CLI::App* adds = mailbox->add_subcommand("add", "make a mailbox known");
  adds->add_option("address", *address, "local@domain")->required();
  adds->add_option("--name", *display_name, "display name");
  adds->callback([&context, address, display_name] { add(context, *address, *display_name); });

  mailbox->add_subcommand("list", "all mailboxes, and whether they sign")->callback([&context] {
    list(context);
  });

  CLI::App* shows = mailbox->add_subcommand("show", "a mailbox's certificates");
  shows->add_option("address", *address, "local@domain")->required();
  shows->callback([&context, address] { show(context, *address); });
}

}  // namespace siegel::tools
