#pragma once

#include <optional>
#include <vector>

#include "base/blob.h"
#include "base/time.h"
#include "gateway/mail/message.h"
#include "pki/keys.h"

/// Entities around entities. Each takes a MIME entity (Content-* fields, empty line, body) and
/// gives another; large contents are shared, not copied, where the format allows it.
namespace siegel::crypt {

/// multipart/signed (RFC 8551 §3.5.3): readable without S/MIME. The covered part is `entity`, octet
/// for octet.
[[nodiscard]] Octets clearly_signed(const Octets& entity, const pki::SigningKey& key, Time now);
/// application/pkcs7-mime; smime-type=signed-data (RFC 8551 §3.5.2), for what would not survive in
/// clear.
[[nodiscard]] Octets opaquely_signed(const Octets& entity, const pki::SigningKey& key, Time now);
/// application/pkcs7-mime; smime-type=enveloped-data or authEnveloped-data (RFC 8551 §3.3, §3.4).
[[nodiscard]] Octets encrypted(const Octets& entity, const std::vector<pki::PeerKey>& recipients,
                               const std::optional<pki::Certificate>& own_copy);

/// The content of an application/pkcs7-mime signature as a message of its own, if it is what was
/// signed. Whom the signer's certificate belongs to does not matter here.
[[nodiscard]] std::optional<mail::Message> content_of_opaque(const mail::Entity& signature);

/// `message` with its signed content in place of its outermost S/MIME signature; without a
/// signature, the message itself. Throws Error{peer} if the content cannot be taken out.
[[nodiscard]] mail::Message without_signature(const mail::Message& message);

}  // namespace siegel::crypt
