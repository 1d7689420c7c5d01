#include <iostream>

#include "base/ascii.h"
#include "base/error.h"
#include "pki/enrol/history.h"
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

/// A digest as it was noted, perhaps in capitals.
std::string noted_digest(std::string text) {
  for (char& digit : text) digit = ascii::lower(digit);
  if (text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos)
    return text;
  throw WrongUsage(Error(Fault::peer, "\"" + printable(text) +
                                          "\" is no digest; give the 64 digits that `siegel audit "
                                          "verify` has shown"));
}

std::string in_words(const pki::AuditCheck& check) {
  const std::string entries = std::to_string(check.entries);
  const std::string place = check.noted == 0 ? std::string()
                                             : "; what was noted is entry " +
                                                   std::to_string(check.noted) + " of " + entries;
  const std::string seal = check.sealed_since == 0
                               ? std::string()
                               : "; the first " + std::to_string(check.sealed_since) +
                                     " were there before they were "
                                     "sealed with the key-encryption key";
  return entries + " entries are as they were written; the last is " + check.head + place + seal;
}

void verify(Context& context, const std::string& noted) {
  OpenStore store(context);
  const pki::AuditCheck check = store->check_audit(noted);
  if (check.trouble) throw Error(Fault::peer, *check.trouble);
  if (const auto altered = pki::enrol::altered_history(store.database()))
    throw Error(Fault::peer, *altered);
  if (!noted.empty() && check.noted == 0)
    throw Error(Fault::peer,
                "none of the " + std::to_string(check.entries) +
                    " entries has the digest that was noted; entries are missing or were written "
                    "anew: compare with a backup");
  Json fact{{"entries", check.entries}, {"head", check.head}, {"sealed_since", check.sealed_since}};
  if (check.noted != 0) fact["noted"] = check.noted;
  context.say(fact, in_words(check));
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
  const CLI::Option* given =
      verifies->add_option("--head", *head, "the digest of an entry, as it was noted elsewhere");
  verifies->callback([&context, head, given] {
    verify(context, given->empty() ? std::string() : noted_digest(*head));
  });
}

}  // namespace siegel::tools
