#pragma once

#include <string>
#include <vector>

#include "gateway/mail/message.h"
#include "pki/openpgp_keys.h"

/// OpenPGP keys that a message brings along. Nothing is imported by looking at them (STANDARDS
/// §4.3.4); gpg is not asked where there are none.
namespace siegel::crypt {

struct BroughtKey {
  enum class Way { attached, autocrypt };
  pki::OpenPgpKey key;
  Way way = Way::attached;
  bool prefers_encryption = false;  ///< said by Autocrypt
};

struct BroughtKeys {
  std::vector<BroughtKey> keys;
  std::string trouble;  ///< what was left out, and what to do about it; empty if nothing was
};

/// The keys in parts of type application/pgp-keys (RFC 3156 §7) of `content`, not those of attached
/// messages: of at most four parts of at most 64 KiB, each with one key.
void add_attached_keys(BroughtKeys& brought, const mail::Entity& content,
                       const pki::OpenPgpKeys& keys);
/// The key of the field Autocrypt, if it is one that counts (autocrypt.h).
void add_autocrypt_key(BroughtKeys& brought, const mail::Entity& top, const pki::OpenPgpKeys& keys);

}  // namespace siegel::crypt
