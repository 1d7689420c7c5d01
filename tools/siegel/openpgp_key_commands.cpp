#include "tools/siegel/openpgp_key_commands.h"

#include <fstream>
#include <iostream>
#include <map>

#include "pki/openpgp_armour.h"
#include "tools/siegel/openpgp_argument.h"

namespace siegel::tools {
namespace {

using pki::OwnOpenPgpKey;
using Kind = pki::Gpg::Kind;

struct Arguments {
  std::string address, name, reason, which;
  Kind kind = Kind::curve25519;
  std::filesystem::path file, passphrase_file;
};

const std::map<std::string, Kind>& kinds() {
  static const std::map<std::string, Kind> names{
      {"curve25519", Kind::curve25519}, {"rsa3072", Kind::rsa3072}, {"rsa4096", Kind::rsa4096}};
  return names;
}

Json expiry_of(const OwnOpenPgpKey& key) {
  return key.expires ? Json(rfc3339(*key.expires)) : Json(nullptr);
}

std::string end_of(const OwnOpenPgpKey& key) {
  return key.expires ? "valid until " + rfc3339_date(*key.expires) : "valid for ever";
}

void tell(const Context& context, const std::string& done, const OwnOpenPgpKey& key) {
  context.say({{"address", key.mailbox.str()},
               {done, key.fingerprint},
               {"algorithm", key.algorithm},
               {"state", std::string(name(key.state))},
               {"expires", expiry_of(key)}},
              done + " " + pki::in_groups(key.fingerprint) + " (" + key.algorithm + ") of " +
                  key.mailbox.str() + ", " + end_of(key));
}

std::string display_name(const pki::KeyStore& store, const Address& address) {
  for (const pki::Mailbox& mailbox : store.mailboxes())
    if (mailbox.address == address) return mailbox.display_name;
  return {};
}

void make(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  const Address address = address_argument(arguments.address);
  const std::string name = arguments.name.empty() ? display_name(*store, address) : arguments.name;
  tell(context, "made", openpgp_of(*store).make(address, name, arguments.kind));
}

void import(const Context& context, const Arguments& arguments) {
  const pki::Secret passphrase = read_password(arguments.passphrase_file);
  const pki::Secret octets(read_argument(arguments.file));
  OpenStore store(context);
  pki::OpenPgpStore& openpgp = openpgp_of(*store);
  const Address address = address_argument(arguments.address);
  const auto key =
      naming(arguments.file, [&] { return openpgp.import(address, octets.octets(), passphrase); });
  tell(context, "imported", key);
  if (key.state != pki::OpenPgpState::in_use)
    note("it has ended or is revoked: it only decrypts; make a new one with `siegel key make " +
         address.str() + "`");
}

std::string fingerprint_argument(const pki::OpenPgpStore& store, const std::string& given) {
  if (auto found = find_openpgp_key(store, given)) return *std::move(found);
  throw Error(Fault::peer, "there is no OpenPGP key " + printable(given) +
                               " of ours; `siegel key list` shows all (at least 8 digits)");
}

/// Of a mailbox: that by which others encrypt to it, or at least verify.
pki::OpenPgpKey key_of(const pki::OpenPgpStore& store, const Address& mailbox) {
  const Time now = SystemClock().now();
  if (auto key = store.own_encryption(mailbox, now)) return *std::move(key);
  if (auto key = store.signer(mailbox, now)) return *std::move(key);
  throw Error(Fault::peer, store.why_no_signer(mailbox, now) + "; make one with `siegel key make " +
                               mailbox.str() + "`");
}

pki::OpenPgpKey key_named(const pki::OpenPgpStore& store, const std::string& given) {
  const std::string fingerprint = fingerprint_argument(store, given);
  for (const OwnOpenPgpKey& own : store.own_keys()) {
    if (own.fingerprint != fingerprint) continue;
    for (const auto& stored : store.own_keys_of(own.mailbox))
      if (stored.record.fingerprint == fingerprint) return stored.key;
  }
  throw Error(Fault::ours, "the key " + fingerprint +
                               " cannot be read from the database; restore it from the backup");
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (!out.write(text.data(), static_cast<std::streamsize>(text.size())).flush())
    throw Error(Fault::world, "cannot write " + printable(file.string()) +
                                  "; check the path, its rights and the space there");
}

void export_key(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  const pki::OpenPgpStore& openpgp = openpgp_of(*store);
  const bool is_address = arguments.which.find('@') != std::string::npos;
  const pki::OpenPgpKey key = is_address ? key_of(openpgp, address_argument(arguments.which))
                                         : key_named(openpgp, arguments.which);
  const std::string text = pki::armoured_key(key.octets);
  if (arguments.file.empty()) {
    if (!context.json) std::cout << text;
    if (context.json) context.say({{"fingerprint", key.fingerprint()}, {"key", text}}, {});
    return;
  }
  write_file(arguments.file, text);
  context.say(
      {{"fingerprint", key.fingerprint()}, {"file", arguments.file.string()}},
      "wrote " + pki::in_groups(key.fingerprint()) + " to " + printable(arguments.file.string()));
}

void retire(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  pki::OpenPgpStore& openpgp = openpgp_of(*store);
  const std::string fingerprint = fingerprint_argument(openpgp, arguments.which);
  openpgp.retire(fingerprint);
  context.say({{"retired", fingerprint}},
              "retired " + pki::in_groups(fingerprint) + ": from now on it only decrypts");
}

void revoke(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  pki::OpenPgpStore& openpgp = openpgp_of(*store);
  const std::string fingerprint = fingerprint_argument(openpgp, arguments.which);
  openpgp.revoke(fingerprint, arguments.reason);
  context.say({{"revoked", fingerprint}},
              "revoked " + pki::in_groups(fingerprint) +
                  ": give the revocation to those who have the key: `siegel key export " +
                  fingerprint + "`");
}

void prolong(const Context& context, const Arguments& arguments) {
  OpenStore store(context);
  pki::OpenPgpStore& openpgp = openpgp_of(*store);
  tell(context, "prolonged", openpgp.prolong(fingerprint_argument(openpgp, arguments.which)));
}

}  // namespace

void add_openpgp_key_commands(CLI::App& key, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  constexpr auto which = "fingerprint or key id, from `siegel key list`";

  CLI::App* makes = key.add_subcommand("make", "make an OpenPGP key for a mailbox");
  makes->add_option("address", arguments->address, "local@domain")->required();
  makes->add_option("--kind", arguments->kind, "curve25519 (the default), rsa3072 or rsa4096")
      ->transform(CLI::CheckedTransformer(kinds()));
  makes->add_option("--name", arguments->name,
                    "before the address; the mailbox's name if not given");
  makes->callback([&context, arguments] { make(context, *arguments); });

  CLI::App* imports = key.add_subcommand("import", "take over a mailbox's secret OpenPGP key");
  imports->add_option("address", arguments->address, "local@domain")->required();
  imports->add_option("file", arguments->file, "from `gpg --export-secret-keys`")->required();
  imports->add_option("--passphrase-file", arguments->passphrase_file, "its first line opens it");
  imports->callback([&context, arguments] { import(context, *arguments); });

  CLI::App* exports = key.add_subcommand("export", "the public OpenPGP key, to give to others");
  exports->add_option("which", arguments->which, "local@domain, or a fingerprint")->required();
  exports->add_option("--file", arguments->file, "where to write it; otherwise it is printed");
  exports->callback([&context, arguments] { export_key(context, *arguments); });

  CLI::App* retires = key.add_subcommand("retire", "an OpenPGP key shall only decrypt from now on");
  retires->add_option("fingerprint", arguments->which, which)->required();
  retires->callback([&context, arguments] { retire(context, *arguments); });

  CLI::App* revokes = key.add_subcommand("revoke", "revoke an OpenPGP key, for good");
  revokes->add_option("fingerprint", arguments->which, which)->required();
  revokes->add_option("--reason", arguments->reason, "everybody can read it")->required();
  revokes->callback([&context, arguments] { revoke(context, *arguments); });

  CLI::App* prolongs = key.add_subcommand("prolong", "let an OpenPGP key be valid for longer");
  prolongs->add_option("fingerprint", arguments->which, which)->required();
  prolongs->callback([&context, arguments] { prolong(context, *arguments); });
}

}  // namespace siegel::tools
