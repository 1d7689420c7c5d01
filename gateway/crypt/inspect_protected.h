#pragma once

#include "gateway/crypt/inspect_peel.h"
#include "gateway/mail/message.h"

/// Header protection: fields of the message that stand, as copies, within what is signed (RFC 9788;
/// older senders mark them protected-headers="v1", or wrap the whole message, RFC 8551 §3.1).
namespace siegel::crypt {

/// The entity that holds the protected fields: `content`, or the message that it wraps with
/// `forwarded=no`. Without that parameter it is a message that was passed on.
[[nodiscard]] const mail::Entity& protected_fields(const mail::Entity& content);

/// Takes covers_all away where a field that a reader is shown differs from its protected copy. Not
/// where the sender meant it to: with hp="cipher" the outer fields of an encrypted message are to
/// be what HP-Outer says (RFC 9788 §2.2, §4). That the addresses of From agree is checked
/// elsewhere; here it is the name beside it.
void compare_protected_fields(Peeled& peeled, const mail::Entity& content, const mail::Entity& top);

}  // namespace siegel::crypt
