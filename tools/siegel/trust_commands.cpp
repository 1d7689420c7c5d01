#include <iostream>

#include "base/error.h"
#include "tools/siegel/command.h"

namespace siegel::tools {
namespace {

struct Arguments {
  std::filesystem::path file;
  std::string label, fingerprint;
  bool soft_fail = false;
  bool intermediate = false;
};

std::string mode_name(config::RevocationMode mode) {
  return mode == config::RevocationMode::hard_fail ? "hard-fail" : "soft-fail";
}

/// The file's certificates, all of them fit for what is wanted: nothing is taken from a file that
/// is not right as a whole.
std::vector<pki::Certificate> authorities(const Arguments& arguments) {
  auto found = read_bundle_argument(arguments.file).certificates;
  if (found.empty())
    throw Error(Fault::peer, printable(arguments.file.string()) +
                                 " holds no certificate; name the file of an authority's root");
  for (const pki::Certificate& each : found) {
    if (!each.is_authority())
      throw Error(Fault::peer, each.subject() + " is no authority's certificate");
    if (!arguments.intermediate && !each.is_self_issued()) {
      throw Error(Fault::peer,
                  each.subject() + " is no root; add its root, and this one with --intermediate");
    }
  }
  return found;
}

void keep(pki::KeyStore& store, const pki::Certificate& certificate, const Arguments& arguments) {
  if (arguments.intermediate) {
    store.add_intermediate(certificate);
    return;
  }
  store.add_anchor(
      {certificate,
       arguments.soft_fail ? config::RevocationMode::soft_fail : config::RevocationMode::hard_fail,
       arguments.label});
}

void add(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  Json fact = Json::array();
  std::string text;
  for (const pki::Certificate& each : authorities(arguments)) {
    keep(*store, each, arguments);
    fact.push_back({{"subject", each.subject()}, {"fingerprint", each.fingerprint()}});
    text += (text.empty() ? "" : "\n") +
            std::string(arguments.intermediate ? "helper " : "trusted ") + each.subject() +
            "\n  SHA-256 " + each.fingerprint();
  }
  context.say(fact, text);
}

void list(const Context& context) {
  OpenStore store(context);
  Table table({"subject", "label", "revocation", "not_after", "fingerprint"});
  for (const pki::Anchor& anchor : store->anchors()) {
    table.add({anchor.certificate.subject(), anchor.label, mode_name(anchor.revocation),
               rfc3339(anchor.certificate.not_after()), anchor.certificate.fingerprint()});
  }
  table.print(std::cout, context.json);
}

void pending(const Context& context) {
  OpenStore store(context);
  Table table({"subject", "issuer", "not_after", "seen_from", "first_seen", "last_seen", "count",
               "fingerprint"});
  for (const pki::PendingRoot& root : store->pending_roots()) {
    table.add({root.certificate.subject(), root.certificate.issuer(),
               rfc3339(root.certificate.not_after()), root.seen_from.str(),
               rfc3339(root.first_seen), rfc3339(root.last_seen), root.count,
               root.certificate.fingerprint()});
  }
  table.print(std::cout, context.json);
}

void remove(const Context& context, const std::string& fingerprint) {
  OpenStore store(context);
  if (!store->remove_anchor(fingerprint)) {
    throw Error(Fault::peer, "no anchor has this fingerprint; `siegel trust list` shows all");
  }
  context.say({{"removed", fingerprint}}, "removed " + fingerprint);
}

void approve(const Context& context, const std::string& fingerprint) {
  OpenStore store(context);
  store->approve_root(fingerprint);
  context.say({{"trusted", fingerprint}}, "trusted " + fingerprint);
}

}  // namespace

void add_trust_commands(CLI::App& app, Context& context) {
  CLI::App* trust = app.add_subcommand("trust", "whom we believe");
  trust->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  CLI::App* adds = trust->add_subcommand("add", "trust an authority");
  adds->add_option("file", arguments->file, "its certificate, PEM, DER or P7B")->required();
  adds->add_option("--label", arguments->label, "a name for people");
  adds->add_flag("--soft-fail", arguments->soft_fail,
                 "its certificates count even if their revocation status cannot be known");
  adds->add_flag("--intermediate", arguments->intermediate, "only a helper for building paths");
  adds->callback([&context, arguments] { add(context, *arguments); });

  trust->add_subcommand("list", "all anchors")->callback([&context] { list(context); });
  trust->add_subcommand("pending", "unknown roots of mail that was good otherwise")
      ->callback([&context] { pending(context); });

  CLI::App* removes = trust->add_subcommand("remove", "no longer trust an authority");
  removes->add_option("fingerprint", arguments->fingerprint, "SHA-256")->required();
  removes->callback([&context, arguments] { remove(context, arguments->fingerprint); });

  CLI::App* approves = trust->add_subcommand("approve", "trust a pending root");
  approves->add_option("fingerprint", arguments->fingerprint, "SHA-256, at least 8 digits")
      ->required();
  approves->callback([&context, arguments] { approve(context, arguments->fingerprint); });
}

}  // namespace siegel::tools
