#pragma once

#include <optional>
#include <vector>

#include "base/blob.h"
#include "base/time.h"
#include "pki/gpg.h"
#include "pki/openpgp_keys.h"

/// Entities around entities, by OpenPGP (RFC 3156). Each takes a prepared MIME entity (Content-*
/// fields, empty line, body) and gives another. Throws Error{world} if gpg cannot work.
namespace siegel::crypt::openpgp {

/// multipart/signed (RFC 3156 §5). The covered part is `entity`, octet for octet.
[[nodiscard]] Octets clearly_signed(const Octets& entity, const pki::OpenPgpKey& key,
                                    const pki::Gpg& gpg);

/// `entity` as a file in base64, with a sentence for the reader: for what would not survive in
/// clear and must not be changed (STANDARDS §2.3 rule 9). OpenPGP has no opaque signature in MIME.
[[nodiscard]] Octets as_file(const Octets& entity);

/// Whom a message is encrypted to.
struct Recipients {
  const std::vector<pki::OpenPgpPeer>& peers;
  const std::optional<pki::OpenPgpKey>& own_copy;
};
/// multipart/encrypted (RFC 3156 §4), each key once.
[[nodiscard]] Octets encrypted(const Octets& entity, const Recipients& recipients,
                               const pki::Gpg& gpg, Time at);

}  // namespace siegel::crypt::openpgp
