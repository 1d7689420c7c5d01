#include <iostream>

#include "base/error.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

void show(const Context& context, std::size_t at_most) {
  OpenStore store(context);
  Table table({"id", "at", "actor", "action", "subject", "detail"});
  for (const pki::TrustEvent& event : store->trust_events(at_most))
    table.add(
        {event.id, rfc3339(event.at), event.actor, event.action, event.subject, event.detail});
  table.print(std::cout, context.json);
}

void verify(Context& context, const std::string& head) {
  OpenStore store(context);
  const pki::AuditCheck check = store->check_audit();
  if (check.trouble) throw Error(Fault::peer, *check.trouble);
  if (!head.empty() && head != check.head)
    throw Error(Fault::peer, "the audit ends with " + check.head +
                                 ", not with what was noted; entries are missing or were written "
                                 "anew: compare with a backup");
  context.say({{"entries", check.entries}, {"head", check.head}},
              std::to_string(check.entries) + " entries are as they were written; the last is " +
                  check.head);
}

}  // namespace

void add_audit_commands(CLI::App& app, Context& context) {
  CLI::App* audit = app.add_subcommand("audit", "who did what to keys, trust and enrolment");
  audit->require_subcommand(1);
  const auto at_most = std::make_shared<std::size_t>(100);
  CLI::App* shows = audit->add_subcommand("show", "the newest entries");
  shows->add_option("--last", *at_most, "how many")->capture_default_str();
  shows->callback([&context, at_most] { show(context, *at_most); });
  const auto head = std::make_shared<std::string>();
  CLI::App* verifies = audit->add_subcommand("verify", "recompute the chain of digests");
  verifies->add_option("--head", *head, "the last entry's digest, as it was noted elsewhere");
  verifies->callback([&context, head] { verify(context, *head); });
}

}  // namespace siegel::tools
