#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/error.h"
#include "pki/enrol/key_destruction.h"
#include "tools/siegel/open_office.h"
#include "tools/siegel/openpgp_argument.h"
#include "tools/siegel/openpgp_key_commands.h"

namespace siegel::tools {
namespace {

namespace enrol = pki::enrol;
using pki::StoredKey;

constexpr std::size_t shortest_prefix = 8;
constexpr std::size_t shown_digits = 16;
constexpr auto smime = "smime";
constexpr auto openpgp = "openpgp";

struct Arguments {
  std::string address, id, reason;
  bool accepts_loss = false;
};

std::string name_of(StoredKey::Place place) {
  return place == StoredKey::Place::token ? "token" : "sealed";
}

std::string name_of(StoredKey::Standing standing) {
  switch (standing) {
    case StoredKey::Standing::kept:
      return "kept";
    case StoredKey::Standing::doomed:
      return "doomed";
    case StoredKey::Standing::orphan:
      return "orphan";
  }
  return "?";
}

/// A key with all that uses it.
struct Use {
  StoredKey key;
  std::set<std::string> mailboxes, jobs, certificates;
  std::optional<enrol::Request> request;

  void take(const pki::OwnCertificate& own) {
    mailboxes.insert(own.mailbox.str());
    certificates.insert(own.certificate.fingerprint());
    if (own.signs_now) jobs.insert("signs");
    if (own.has_key && own.use != pki::CertificateUse::sign) jobs.insert("decrypts");
  }
  /// An orphan is labelled with the mailbox that it was made for.
  [[nodiscard]] bool is_of(const std::string& address) const {
    return mailboxes.contains(address) || key.label == address;
  }
  [[nodiscard]] Json state() const {
    return request ? Json(std::string(name(request->state))) : Json(nullptr);
  }
  [[nodiscard]] Json added() const {
    return key.standing == StoredKey::Standing::orphan ? Json(nullptr) : Json(rfc3339(key.added));
  }
};

std::vector<Use> uses_of(const OpenOffice& office, const std::vector<StoredKey>& keys) {
  std::multimap<std::string, pki::OwnCertificate> certificates;
  for (const auto& own : office->store.own_certificates())
    certificates.emplace(own.certificate.key_id(), own);
  std::map<std::string, enrol::Request> requests;
  for (const enrol::Request& request : office->ledger.list())
    if (!request.key_id.empty()) requests.insert_or_assign(request.key_id, request);
  std::vector<Use> uses;
  for (const StoredKey& key : keys) {
    Use& use = uses.emplace_back();
    use.key = key;
    const auto [first, last] = certificates.equal_range(key.id);
    for (auto each = first; each != last; ++each) use.take(each->second);
    if (const auto found = requests.find(key.id); found != requests.end()) {
      use.request = found->second;
      use.mailboxes.insert(found->second.wish.mailbox.str());
    }
  }
  return uses;
}

std::set<std::string> jobs_of(const pki::OwnOpenPgpKey& key, Time now) {
  std::set<std::string> jobs{"decrypts"};
  const bool has_ended = key.expires && *key.expires <= now;
  if (key.state == pki::OpenPgpState::in_use && !has_ended) jobs.insert("signs");
  return jobs;
}

std::string standing_of(const pki::OwnOpenPgpKey& key) {
  return key.state == pki::OpenPgpState::in_use ? name_of(StoredKey::Standing::kept)
                                                : std::string(name(key.state));
}

Json expiry_of(const pki::OwnOpenPgpKey& key) {
  return key.expires ? Json(rfc3339(*key.expires)) : Json(nullptr);
}

/// Of one mailbox, or all.
std::vector<pki::OwnOpenPgpKey> openpgp_keys(const OpenOffice& office, const std::string& address) {
  if (office->store.openpgp_store() == nullptr) return {};
  auto keys = office->store.openpgp_store()->own_keys();
  std::erase_if(keys, [&](const pki::OwnOpenPgpKey& key) {
    return !address.empty() && key.mailbox.str() != address;
  });
  return keys;
}

/// The list is not complete then.
void tell_token_trouble(Context& context, const pki::KeyInventory& inventory) {
  if (inventory.token_trouble.empty()) return;
  note("the token was not looked into: " + inventory.token_trouble);
  context.exit_code = exit_no;
}

void list(Context& context, const Arguments& arguments) {
  const OpenOffice office(context);
  const std::string address =
      arguments.address.empty() ? std::string() : address_argument(arguments.address).str();
  const auto inventory = office->store.key_inventory();
  Table table({"id", "scheme", "type", "place", "standing", "mailboxes", "used_for", "request",
               "added", "expires"});
  for (const Use& use : uses_of(office, inventory.keys)) {
    if (!address.empty() && !use.is_of(address)) continue;
    table.add({context.json ? use.key.id : use.key.id.substr(0, shown_digits), smime, use.key.type,
               name_of(use.key.place), name_of(use.key.standing), use.mailboxes, use.jobs,
               use.state(), use.added(), nullptr});
  }
  const Time now = office.clock().now();
  for (const pki::OwnOpenPgpKey& key : openpgp_keys(office, address)) {
    table.add({context.json ? key.fingerprint : key.fingerprint.substr(0, shown_digits), openpgp,
               key.algorithm, name_of(StoredKey::Place::database), standing_of(key),
               std::set{key.mailbox.str()}, jobs_of(key, now), nullptr, rfc3339(key.added),
               expiry_of(key)});
  }
  table.print(std::cout, context.json);
  tell_token_trouble(context, inventory);
}

/// The only key whose id begins like this.
StoredKey find(const pki::KeyInventory& inventory, const std::string& given) {
  const std::string prefix = ascii::lower(given);
  std::vector<StoredKey> found;
  std::ranges::copy_if(inventory.keys, std::back_inserter(found),
                       [&](const StoredKey& key) { return key.id.starts_with(prefix); });
  if (prefix.size() < shortest_prefix)
    throw Error(Fault::peer, "give at least 8 digits of the key's id; `siegel key list` shows it");
  if (found.size() > 1)
    throw Error(Fault::peer, "several keys begin with " + printable(given) + "; give more digits");
  if (!found.empty()) return found.front();
  throw Error(Fault::peer,
              "there is no key " + printable(given) + "; `siegel key list` shows all" +
                  (inventory.token_trouble.empty()
                       ? ""
                       : " (the token was not looked into: " + inventory.token_trouble + ")"));
}

/// Nothing if no OpenPGP key of ours is named like this.
std::optional<std::string> openpgp_named(const OpenOffice& office, const std::string& given) {
  if (office->store.openpgp_store() == nullptr) return std::nullopt;
  return find_openpgp_key(*office->store.openpgp_store(), given);
}

void show_openpgp(const Context& context, const OpenOffice& office,
                  const std::string& fingerprint) {
  Table table({"id", "scheme", "type", "place", "standing", "mailbox", "used_for", "created",
               "added", "expires", "fingerprint"});
  const Time now = office.clock().now();
  for (const pki::OwnOpenPgpKey& key : openpgp_keys(office, {})) {
    if (key.fingerprint != fingerprint) continue;
    table.add({fingerprint, openpgp, key.algorithm, name_of(StoredKey::Place::database),
               standing_of(key), key.mailbox.str(), jobs_of(key, now), rfc3339(key.created),
               rfc3339(key.added), expiry_of(key), pki::in_groups(fingerprint)});
  }
  table.print(std::cout, context.json);
}

void show(Context& context, const Arguments& arguments) {
  const OpenOffice office(context);
  if (const auto fingerprint = openpgp_named(office, arguments.id))
    return show_openpgp(context, office, *fingerprint);
  const auto inventory = office->store.key_inventory();
  const Use use = uses_of(office, {find(inventory, arguments.id)}).front();
  Table table({"id", "scheme", "type", "place", "standing", "mailboxes", "used_for", "request",
               "request_id", "added", "label", "uri", "certificates"});
  table.add({use.key.id, smime, use.key.type, name_of(use.key.place), name_of(use.key.standing),
             use.mailboxes, use.jobs, use.state(),
             use.request ? Json(use.request->id) : Json(nullptr), use.added(), use.key.label,
             use.key.uri, use.certificates});
  table.print(std::cout, context.json);
  tell_token_trouble(context, inventory);
}

enrol::Report destroyed(const OpenOffice& office, const StoredKey& key,
                        const Arguments& arguments) {
  const std::string reason = printable(arguments.reason);
  switch (key.standing) {
    case StoredKey::Standing::doomed:
      return enrol::with_token_cleared(*office, {});
    case StoredKey::Standing::orphan:
      office->store.destroy_orphan(
          key, {office->actor, "key-destroyed", key.label, key.id + " (orphan): " + reason});
      return {};
    case StoredKey::Standing::kept:
      break;
  }
  return enrol::destroy_key(*office, key.id, reason,
                            arguments.accepts_loss ? enrol::Loss::accepted : enrol::Loss::refused);
}

void destroy_openpgp(const Context& context, const OpenOffice& office,
                     const std::string& fingerprint, const Arguments& arguments) {
  if (!arguments.accepts_loss)
    throw Error(Fault::peer,
                "mail was perhaps encrypted to the key " + fingerprint +
                    "; `siegel key retire` leaves it for decrypting alone. If it shall go all the "
                    "same, add --although-mail-becomes-unreadable");
  office->store.openpgp_store()->destroy(fingerprint, printable(arguments.reason));
  context.say({{"destroyed", fingerprint}}, "destroyed " + fingerprint);
}

void destroy(Context& context, const Arguments& arguments) {
  const OpenOffice office(context);
  if (const auto fingerprint = openpgp_named(office, arguments.id))
    return destroy_openpgp(context, office, *fingerprint, arguments);
  const auto turn = office.take_turn();  // what looks like an orphan may be a key in the making
  const StoredKey key = find(office->store.key_inventory(), arguments.id);
  const auto report = destroyed(office, key, arguments);
  context.say({{"destroyed", key.id}}, "destroyed " + key.id);
  for (const enrol::Request& request : report.moved) {
    if (request.state != enrol::State::revoke_requested) continue;
    const std::string number = std::to_string(request.id);
    note("its certificate is still valid; have it revoked: `siegel cert revoke --id " + number +
         " --reason cessationOfOperation`");
  }
  for (const auto& trouble : report.troubles) note(trouble.about + " " + trouble.text);
  if (!report.troubles.empty()) context.exit_code = exit_no;
}

}  // namespace

void add_key_commands(CLI::App& app, Context& context) {
  CLI::App* key = app.add_subcommand("key", "private keys of our mailboxes");
  key->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  CLI::App* lists = key->add_subcommand("list", "all keys: where they are and what uses them");
  lists->add_option("--address", arguments->address, "only those of this mailbox");
  lists->callback([&context, arguments] { list(context, *arguments); });

  CLI::App* shows = key->add_subcommand("show", "one key, with its certificates");
  shows->add_option("id", arguments->id, "from `siegel key list`")->required();
  shows->callback([&context, arguments] { show(context, *arguments); });

  CLI::App* destroys = key->add_subcommand("destroy", "destroy a key for good");
  destroys->add_option("id", arguments->id, "from `siegel key list`")->required();
  destroys->add_option("--reason", arguments->reason, "for the record")->required();
  destroys->add_flag("--although-mail-becomes-unreadable", arguments->accepts_loss,
                     "although a certificate is in service with it, or mail was encrypted to it");
  destroys->callback([&context, arguments] { destroy(context, *arguments); });

  add_openpgp_key_commands(*key, context);
}

}  // namespace siegel::tools
