#pragma once

#include <optional>
#include <string>

#include "base/address.h"
#include "gateway/mail/message.h"
#include "pki/openpgp_key.h"

/// The field Autocrypt (Autocrypt Level 1, https://autocrypt.org/level1.html): a sender tells his
/// OpenPGP key in the header of each of his messages. Nothing vouches for it but the sender.
namespace siegel::crypt::autocrypt {

struct Said {
  std::string key;  ///< binary; at most 64 KiB, and not looked at yet
  bool prefers_encryption = false;
};

/// What the header of a message says. Nothing if its author is not clear, if it is a report
/// (multipart/report), or if there is not exactly one valid field: with the author's address, a key
/// in base64, and no attribute that we do not know unless it begins with '_' (§2.1, §2.3).
[[nodiscard]] std::optional<Said> read(const mail::Entity& top);

/// Our own field, which asks for encrypted replies.
[[nodiscard]] std::string make_field(const Address& author, const pki::OpenPgpKey& key);

}  // namespace siegel::crypt::autocrypt
