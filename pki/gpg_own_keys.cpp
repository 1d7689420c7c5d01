// Keys of our own are made and changed in homes that are thrown away, and leave them as octets.

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "pki/gpg.h"
#include "pki/gpg_bench.h"
#include "pki/gpg_dialogue.h"
#include "pki/gpg_keys.h"
#include "pki/openpgp_packets.h"

namespace siegel::pki {
namespace {

using gpg::Context;
using gpg::KeyHandle;

constexpr std::size_t most_octets = std::size_t{1} << 20U;  // of a key of ours
constexpr std::size_t most_name = 100;

/// What `work(context)` returns in a home of its own, with `more` in its gpg.conf.
template <typename Work>
auto in_workshop(const gpg::Bench& bench, const Work& work, std::string more = {}) {
  const gpg::Home home(bench.settings().directory, std::move(more));
  const Context context = gpg::make_context(home.path());
  gpgme_set_armor(context.get(), 0);
  return gpg::in_time(home, bench.patience(), [&] { return work(context.get()); });
}

Error unusable(const std::string& why) {
  return {Fault::peer, "this OpenPGP key cannot be used: " + why};
}

// --- in and out

std::string export_key(gpgme_ctx_t context, const std::string& fingerprint,
                       gpgme_export_mode_t mode) {
  gpg::Sink sink;
  gpg::demand(gpgme_op_export(context, fingerprint.c_str(), mode, sink.data()), "export");
  return sink.take();
}

OpenPgpKey public_part(gpgme_ctx_t context, const std::string& fingerprint) {
  auto key = gpg::describe(context, export_key(context, fingerprint, 0));
  if (!key) throw gpg::failure(GPG_ERR_NO_PUBKEY, "the public part of a key of ours");
  return std::move(*key);
}

/// The fingerprint of the only key in `octets`, imported.
std::string import_one(gpgme_ctx_t context, std::string_view octets) {
  const gpg::Source source(octets);
  gpg::demand(gpgme_op_import(context, source.data()), "import");
  const gpgme_import_result_t result = gpgme_op_import_result(context);
  if (result == nullptr || result->imports == nullptr || result->imports->fpr == nullptr)
    throw unusable("gpg does not accept it; export it anew with `gpg --export-secret-keys`");
  return result->imports->fpr;
}

KeyHandle find(gpgme_ctx_t context, const std::string& fingerprint) {
  gpgme_key_t key = nullptr;
  gpg::demand(gpgme_get_key(context, fingerprint.c_str(), &key, 1), "gpgme_get_key");
  return KeyHandle(key);
}

// --- making

struct Recipe {
  const char* primary;
  const char* subkey;
};

Recipe recipe_of(Gpg::Kind kind) {
  switch (kind) {
    case Gpg::Kind::rsa3072:
      return {"rsa3072", "rsa3072"};
    case Gpg::Kind::rsa4096:
      return {"rsa4096", "rsa4096"};
    case Gpg::Kind::curve25519:
      break;
  }
  return {"ed25519", "cv25519"};
}

/// "Name <address>"; what would make another user id of it is left out.
std::string user_id_of(const Address& address, const std::string& name) {
  std::string clean = printable(name, most_name);
  std::erase_if(clean, [](char c) { return c == '<' || c == '>' || c == '@'; });
  return clean.empty() ? address.str() : clean + " <" + address.str() + '>';
}

// --- taking off a passphrase

/// Says the passphrase first, and then nothing: the new one.
struct Passphrase {
  std::string_view old;
  int asked = 0;
  bool was_wrong = false;
};

gpgme_error_t answer_passphrase(void* hook, const char*, const char*, int was_bad, int fd) {
  auto& passphrase = *static_cast<Passphrase*>(hook);
  if (was_bad != 0) {
    passphrase.was_wrong = true;
    return gpgme_error(GPG_ERR_CANCELED);
  }
  const std::string_view answer = passphrase.asked++ == 0 ? passphrase.old : std::string_view{};
  if (gpgme_io_writen(fd, answer.data(), answer.size()) != 0 || gpgme_io_writen(fd, "\n", 1) != 0)
    return gpgme_error_from_syserror();
  return 0;
}

void take_off(gpgme_ctx_t context, const std::string& fingerprint, const Secret& passphrase) {
  Passphrase answers{passphrase.octets()};
  gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_LOOPBACK);
  gpgme_set_passphrase_cb(context, answer_passphrase, &answers);
  const KeyHandle key = find(context, fingerprint);
  const gpgme_error_t error = gpgme_op_passwd(context, key.get(), 0);
  gpgme_set_passphrase_cb(context, nullptr, nullptr);
  gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_ERROR);
  if (error != 0) throw unusable("its passphrase is wrong; give the right one");
}

/// The secret octets if no passphrase guards them, else nothing.
std::optional<Secret> export_secret(gpgme_ctx_t context, const std::string& fingerprint) {
  gpg::Sink sink;
  const gpgme_error_t error =
      gpgme_op_export(context, fingerprint.c_str(), GPGME_EXPORT_MODE_SECRET, sink.data());
  Secret secret(sink.take());
  if (error != 0 || secret.octets().empty()) return std::nullopt;
  return secret;
}

Gpg::Pair pair_of(gpgme_ctx_t context, const std::string& fingerprint) {
  auto secret = export_secret(context, fingerprint);
  if (!secret) throw gpg::failure(GPG_ERR_NO_SECKEY, "the secret part of a key of ours");
  return {public_part(context, fingerprint), std::move(*secret)};
}

void demand_one_secret_key(std::string_view octets) {
  const auto keys = split_keys(octets);
  if (octets.size() > most_octets || !keys)
    throw unusable("these octets are no key; export it with `gpg --export-secret-keys`");
  if (keys->size() != 1) throw unusable("there are several; export just one");
  if (!keys->front().is_secret)
    throw unusable("its secret part is missing; export it with `gpg --export-secret-keys`");
  if (keys->front().version != 4)
    throw unusable(
        fmt::format("it is of version {}, and gpg 2.2 reads version 4 only; make one of "
                    "that",
                    keys->front().version));
}

/// The user ids that name the address and all that is no user id.
std::string with_user_ids_of(const Address& address, const std::string& octets) {
  std::string kept;
  bool keeps = true;
  PacketReader reader(octets);
  while (const auto packet = reader.next()) {
    if (packet->tag == PacketTag::user_id) {
      const auto named = gpg::address_in(packet->body);
      keeps = named && named->equals_folded(address);
    } else if (packet->tag == PacketTag::user_attribute) {
      keeps = false;
    } else if (packet->tag != PacketTag::signature) {
      keeps = true;
    }
    if (keeps) kept += packet->octets;
  }
  return kept;
}

}  // namespace

std::optional<OpenPgpKey> Gpg::minimal(const OpenPgpKey& key, const Address& address) const {
  const auto work = [&](gpgme_ctx_t context) {
    const std::string kept = with_user_ids_of(address, key.octets);
    const gpg::Source source(kept);
    gpg::demand(gpgme_op_import(context, source.data()), "import");
    const std::string octets = export_key(context, key.fingerprint(), GPGME_EXPORT_MODE_MINIMAL);
    return gpg::describe(context, octets);
  };
  auto cut =
      in_workshop(*bench_, work, "import-options import-clean,import-minimal,self-sigs-only\n");
  // gpg calls all user ids of a revoked key revoked; nobody encrypts to them.
  if (!cut || !(cut->names(address, true) || cut->subkeys.front().is_revoked)) return std::nullopt;
  return cut;
}

Gpg::Pair Gpg::make(const Address& address, const std::string& name, Kind kind,
                    std::chrono::seconds life) const {
  return in_workshop(*bench_, [&](gpgme_ctx_t context) {
    const Recipe recipe = recipe_of(kind);
    const auto seconds = static_cast<unsigned long>(life.count());
    gpg::demand(
        gpgme_op_createkey(context, user_id_of(address, name).c_str(), recipe.primary, 0, seconds,
                           nullptr, GPGME_CREATE_SIGN | GPGME_CREATE_CERT | GPGME_CREATE_NOPASSWD),
        "gpgme_op_createkey");
    const gpgme_genkey_result_t result = gpgme_op_genkey_result(context);
    if (result == nullptr || result->fpr == nullptr)
      throw gpg::failure(GPG_ERR_NO_DATA, "gpgme_op_createkey");
    const std::string fingerprint = result->fpr;
    const KeyHandle made = find(context, fingerprint);
    gpg::demand(gpgme_op_createsubkey(context, made.get(), recipe.subkey, 0, seconds,
                                      GPGME_CREATE_ENCR | GPGME_CREATE_NOPASSWD),
                "gpgme_op_createsubkey");
    return pair_of(context, fingerprint);
  });
}

Gpg::Pair Gpg::take(std::string_view octets, const Secret& passphrase) const {
  auto binary = without_armour(octets);
  if (!binary) throw unusable("these octets are no key; export it with `gpg --export-secret-keys`");
  const Cleansing cleansing(*binary);
  demand_one_secret_key(*binary);
  return in_workshop(*bench_, [&](gpgme_ctx_t context) {
    const std::string fingerprint = import_one(context, *binary);
    if (auto secret = export_secret(context, fingerprint))
      return Pair{public_part(context, fingerprint), std::move(*secret)};
    take_off(context, fingerprint, passphrase);
    return pair_of(context, fingerprint);
  });
}

Gpg::Pair Gpg::prolong(const Secret& secret, std::chrono::seconds life) const {
  return in_workshop(*bench_, [&](gpgme_ctx_t context) {
    const std::string fingerprint = import_one(context, secret.octets());
    const KeyHandle key = find(context, fingerprint);
    const auto seconds = static_cast<unsigned long>(life.count());
    gpg::demand(gpgme_op_setexpire(context, key.get(), seconds, nullptr, 0), "gpgme_op_setexpire");
    std::string subkeys;  // "*" would leave out those that have expired
    for (auto* each = key->subkeys->next; each != nullptr; each = each->next) {
      if (each->revoked == 0) subkeys += (subkeys.empty() ? "" : "\n") + std::string(each->fpr);
    }
    if (!subkeys.empty())
      gpg::demand(gpgme_op_setexpire(context, key.get(), seconds, subkeys.c_str(), 0),
                  "gpgme_op_setexpire");
    return pair_of(context, fingerprint);
  });
}

OpenPgpKey Gpg::revoke(const Secret& secret, const std::string& reason) const {
  return in_workshop(*bench_, [&](gpgme_ctx_t context) {
    const std::string fingerprint = import_one(context, secret.octets());
    const KeyHandle key = find(context, fingerprint);
    gpg::revoke(context, key.get(), printable(reason));
    return public_part(context, fingerprint);
  });
}

}  // namespace siegel::pki
