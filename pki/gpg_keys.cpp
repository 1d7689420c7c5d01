#include "pki/gpg_keys.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/utf8.h"
#include "pki/store_base64.h"

namespace siegel::pki::gpg {
namespace {

constexpr unsigned rsa_bits_least = 2048;
constexpr unsigned rsa_bits_good = 3000;

// STANDARDS §2.1, and the two curves that OpenPGP has of its own.
constexpr std::array<std::string_view, 10> good_curves{
    "ed25519",  "cv25519",  "ed448",           "cv448",           "nistp256",
    "nistp384", "nistp521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"};

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

std::string algorithm_of(gpgme_subkey_t subkey) {
  char* made = gpgme_pubkey_algo_string(subkey);
  std::string name = text_of(made);
  gpgme_free(made);
  return printable(name);
}

OpenPgpSubkey describe_subkey(gpgme_subkey_t subkey) {
  OpenPgpSubkey result;
  result.fingerprint = text_of(subkey->fpr);
  result.algorithm = algorithm_of(subkey);
  result.created = from_unix(subkey->timestamp);
  if (subkey->expires > 0) result.expires = from_unix(subkey->expires);
  result.is_revoked = subkey->revoked != 0;
  result.may_sign = subkey->can_sign != 0;
  result.may_encrypt = subkey->can_encrypt != 0;
  result.strength = judge(subkey);
  return result;
}

OpenPgpUserId describe_user_id(gpgme_user_id_t user_id) {
  const std::string text = text_of(user_id->uid);
  return {printable(text), address_in(text), user_id->revoked != 0};
}

/// A public key without a use, base64: version 4, Ed25519, and the user id "probe".
constexpr std::string_view probe =
    "mDMEXgvhABYJKwYBBAHaRw8BAQdAjzUGF44QCnIGhjt6IqNxrr0juxeQ4Bl83feWRTR+OYy0BXByb2JliJAEExYKADgW"
    "IQQA2nAiohfRCnbKVpVRSEuw6rNHHAUCXgvhAAIbAQULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRBRSEuw6rNHHG4R"
    "AQD/5Q1MgPtBDlU2B4m3bdvOuMXQd84lkiNEBKx3uUpJTwD/aH3UBmPj9ehDKs+foYqxlRI6XkbxJ1KtCoAeyHSNQgY=";

OpenPgpKey describe(gpgme_key_t key, std::string_view octets) {
  OpenPgpKey result;
  result.octets = octets;
  for (auto* each = key->subkeys; each != nullptr; each = each->next) {
    if (each->invalid == 0) result.subkeys.push_back(describe_subkey(each));
  }
  for (auto* each = key->uids; each != nullptr; each = each->next) {
    if (each->invalid == 0) result.user_ids.push_back(describe_user_id(each));
  }
  return result;
}

/// The keys that gpg sees, two at most. Throws Error{world} if GpgME notices that gpg fails.
std::vector<OpenPgpKey> list(gpgme_ctx_t context, std::string_view octets) {
  const Source source(octets);
  demand(gpgme_op_keylist_from_data_start(context, source.data(), 0), "keylist");
  std::vector<OpenPgpKey> keys;
  gpgme_key_t next = nullptr;
  gpgme_error_t end = 0;
  while ((end = gpgme_op_keylist_next(context, &next)) == 0) {
    const KeyHandle key(next);
    if (keys.size() < 2) keys.push_back(describe(key.get(), octets));
  }
  gpgme_op_keylist_end(context);
  if (code(end) != GPG_ERR_EOF) throw failure(end, "keylist");
  return keys;
}

}  // namespace

std::optional<OpenPgpKey> describe(gpgme_ctx_t context, std::string_view octets) {
  auto keys = list(context, octets);
  if (keys.empty()) {
    // A gpg that cannot even start ends its list like one that sees nothing.
    if (list(context, from_base64(probe)).empty()) throw failure(GPG_ERR_NO_ENGINE, "keylist");
    keys = list(context, octets);
  }
  if (keys.size() != 1 || keys.front().subkeys.empty()) return std::nullopt;
  return std::move(keys.front());
}

std::optional<Address> address_in(std::string_view user_id) {
  const std::size_t open = user_id.find('<');
  std::string_view inner = user_id;
  if (open != std::string_view::npos) {
    if (!user_id.ends_with('>')) return std::nullopt;
    inner = user_id.substr(open + 1, user_id.size() - open - 2);
    if (user_id.substr(0, open).find('@') != std::string_view::npos) return std::nullopt;
  }
  return Address::parse(inner);
}

Strength judge(gpgme_subkey_t subkey) {
  switch (subkey->pubkey_algo) {
    case GPGME_PK_RSA:
    case GPGME_PK_RSA_E:
    case GPGME_PK_RSA_S:
      if (subkey->length < rsa_bits_least) return Strength::refused;
      return subkey->length < rsa_bits_good ? Strength::weak : Strength::ok;
    case GPGME_PK_ECDSA:
    case GPGME_PK_ECDH:
    case GPGME_PK_EDDSA:
      return std::ranges::find(good_curves, text_of(subkey->curve)) == good_curves.end()
                 ? Strength::refused
                 : Strength::ok;
    default:
      return Strength::refused;  // DSA, ElGamal, and what nobody knows yet
  }
}

bool is_allowed(gpgme_hash_algo_t digest) {
  return digest == GPGME_MD_SHA256 || digest == GPGME_MD_SHA384 || digest == GPGME_MD_SHA512;
}

}  // namespace siegel::pki::gpg
