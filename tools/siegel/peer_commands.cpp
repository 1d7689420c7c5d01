#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "tools/siegel/command.h"
#include "tools/siegel/openpgp_argument.h"
#include "tools/siegel/peer_find.h"

namespace siegel::tools {
namespace {

struct Arguments {
  std::string address;
  std::filesystem::path file;
  std::int64_t id = 0;
  bool any_address = false;
};

constexpr auto smime = "smime";
constexpr auto openpgp = "openpgp";

std::string state_of(const pki::OpenPgpPeerRecord& peer) {
  if (peer.is_revoked) return "revoked";
  return peer.pending ? "pending" : "in use";
}

Json expiry_of(const pki::OpenPgpPeerRecord& peer) {
  return peer.expires ? Json(rfc3339(*peer.expires)) : Json(nullptr);
}

std::vector<pki::OpenPgpPeerRecord> openpgp_records(const pki::KeyStore& store,
                                                    const std::optional<Address>& address) {
  if (store.openpgp_store() == nullptr) return {};
  return store.openpgp_store()->peer_records(address);
}

void list(const Context& context) {
  OpenStore store(context);
  Table table({"id", "scheme", "address", "state", "came", "not_after", "last_seen", "issuer"});
  for (const pki::PeerRecord& peer : store->peer_records(std::nullopt)) {
    table.add({peer.id, smime, peer.key.address.str(), peer.pending ? "pending" : "in use",
               std::string(name(peer.key.provenance)), rfc3339(peer.key.certificate.not_after()),
               rfc3339(peer.last_seen), peer.key.certificate.issuer()});
  }
  for (const pki::OpenPgpPeerRecord& peer : openpgp_records(*store, std::nullopt)) {
    table.add({peer.id, openpgp, peer.address.str(), state_of(peer),
               std::string(name(peer.provenance)), expiry_of(peer), rfc3339(peer.last_seen),
               nullptr});
  }
  table.print(std::cout, context.json);
}

void show(const Context& context, const std::string& text) {
  OpenStore store(context);
  const Address address = address_argument(text);
  const auto records = store->peer_records(address);
  const auto openpgp_keys = openpgp_records(*store, address);
  if (records.empty() && openpgp_keys.empty())
    throw Error(Fault::peer, "no key of " + address.str() + " is known");
  Table table({"id", "scheme", "state", "came", "why", "message", "first_seen", "last_seen",
               "signing_time", "subject", "issuer", "serial", "not_after", "fingerprint"});
  for (const pki::PeerRecord& peer : records) {
    const pki::Certificate& certificate = peer.key.certificate;
    table.add({peer.id, smime, peer.pending ? "pending" : "in use",
               std::string(name(peer.key.provenance)), peer.why, peer.message_id,
               rfc3339(peer.first_seen), rfc3339(peer.last_seen), rfc3339(peer.signing_time),
               certificate.subject(), certificate.issuer(), certificate.serial(),
               rfc3339(certificate.not_after()), certificate.fingerprint()});
  }
  for (const pki::OpenPgpPeerRecord& peer : openpgp_keys) {
    table.add({peer.id, openpgp, state_of(peer), std::string(name(peer.provenance)), peer.why,
               peer.message_id, rfc3339(peer.first_seen), rfc3339(peer.last_seen),
               rfc3339(peer.said_at), nullptr, nullptr, nullptr, expiry_of(peer),
               peer.fingerprint});
  }
  table.print(std::cout, context.json);
}

/// A slip of the pen must not send mail to somebody else's key.
void demand_address(const pki::Certificate& certificate, const Arguments& arguments) {
  const Address wanted = address_argument(arguments.address);
  const auto is_wanted = [&](const Address& each) { return each.equals_folded(wanted); };
  // A gateway's certificate seldom names "*".
  if (arguments.any_address || pki::is_domain_wide(wanted) ||
      std::ranges::any_of(certificate.addresses(), is_wanted))
    return;
  throw Error(Fault::peer, certificate.subject() + " does not name " + wanted.str() +
                               "; if it is right all the same (a gateway's certificate), add "
                               "--any-address");
}

void add_openpgp(const Context& context, pki::OpenPgpStore& store, const Arguments& arguments,
                 std::string_view octets) {
  const Address address = address_argument(arguments.address);
  const pki::OpenPgpKey key =
      naming(arguments.file, [&] { return read_openpgp_argument(store, octets); });
  using Naming = pki::OpenPgpStore::Naming;
  const auto added =
      store.add_peer(address, key, arguments.any_address ? Naming::waived : Naming::demanded);
  context.say({{"address", address.str()}, {"added", key.fingerprint()}, {"id", added.id}},
              "added " + pki::in_groups(key.fingerprint()) + " for " + address.str());
}

void add_certificate(const Context& context, pki::KeyStore& store, const Arguments& arguments,
                     std::string_view octets) {
  const Address address = address_argument(arguments.address);
  const pki::Bundle bundle = naming(arguments.file, [&] { return pki::read_bundle(octets, {}); });
  // A file may bring the chain along, in any order.
  const auto taken = std::ranges::find_if_not(bundle.certificates, &pki::Certificate::is_authority);
  if (taken == bundle.certificates.end())
    throw Error(Fault::peer, "the file holds no certificate of a person or a mailbox");
  demand_address(*taken, arguments);
  store.add_peer(address, *taken);
  context.say({{"address", address.str()}, {"added", taken->fingerprint()}},
              "added " + taken->subject());
}

void add(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  const std::string octets = read_argument(arguments.file);
  if (looks_like_openpgp(octets))
    return add_openpgp(context, openpgp_of(*store), arguments, octets);
  add_certificate(context, *store, arguments, octets);
}

void approve(const Context& context, std::int64_t id) {
  OpenStore store(context);
  const bool is_openpgp =
      store->openpgp_store() != nullptr && store->openpgp_store()->approve_peer(id);
  if (!is_openpgp) store->approve_peer(id);
  context.say({{"approved", id}}, "in use: " + std::to_string(id));
}

void forget(const Context& context, std::int64_t id) {
  OpenStore store(context);
  const bool is_openpgp =
      store->openpgp_store() != nullptr && store->openpgp_store()->forget_peer(id);
  if (!is_openpgp && !store->forget_peer(id)) {
    throw Error(Fault::peer,
                "there is no peer key " + std::to_string(id) + "; `siegel peer list` shows all");
  }
  context.say({{"forgotten", id}}, "forgotten " + std::to_string(id));
}

}  // namespace

void add_peer_commands(CLI::App& app, Context& context) {
  CLI::App* peer = app.add_subcommand(
      "peer", "keys of others, by which we encrypt: certificates and OpenPGP keys");
  peer->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  peer->add_subcommand("list", "all peer keys")->callback([&context] { list(context); });
  add_peer_find(*peer, context);

  CLI::App* shows =
      peer->add_subcommand("show", "where a peer's keys came from and why they are believed");
  shows->add_option("address", arguments->address, "local@domain")->required();
  shows->callback([&context, arguments] { show(context, arguments->address); });

  CLI::App* adds = peer->add_subcommand("add", "pin a certificate or an OpenPGP key by hand");
  adds->add_option("address", arguments->address, "local@domain, or *@domain for all of it")
      ->required();
  adds->add_option("file", arguments->file, "PEM or DER; OpenPGP armoured or binary")->required();
  adds->add_flag("--any-address", arguments->any_address, "although it names another address");
  adds->callback([&context, arguments] { add(context, *arguments); });

  CLI::App* approves = peer->add_subcommand("approve", "use a pending peer key");
  approves->add_option("id", arguments->id, "from `siegel peer list`")->required();
  approves->callback([&context, arguments] { approve(context, arguments->id); });

  CLI::App* forgets = peer->add_subcommand("forget", "remove a peer key");
  forgets->add_option("id", arguments->id, "from `siegel peer list`")->required();
  forgets->callback([&context, arguments] { forget(context, arguments->id); });
}

}  // namespace siegel::tools
