#include "pki/gpg_keys.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

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

}  // namespace

std::optional<OpenPgpKey> describe(gpgme_ctx_t context, std::string_view octets) {
  const Source source(octets);
  if (gpgme_op_keylist_from_data_start(context, source.data(), 0) != 0) return std::nullopt;
  std::optional<OpenPgpKey> described;
  std::size_t count = 0;
  gpgme_key_t next = nullptr;
  while (gpgme_op_keylist_next(context, &next) == 0) {
    const KeyHandle key(next);
    ++count;
    described = describe(key.get(), octets);
  }
  gpgme_op_keylist_end(context);
  if (count != 1 || described->subkeys.empty()) return std::nullopt;
  return described;
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
