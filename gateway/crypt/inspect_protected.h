#pragma once

#include "gateway/crypt/inspect_peel.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/message.h"

/// Header protection: fields of the message that stand, as copies, within what is signed or
/// encrypted (RFC 9788; older senders mark them protected-headers="v1", or wrap the whole message,
/// RFC 8551 §3.1).
namespace siegel::crypt {

/// The entity that holds the protected fields: `content`, or the message that it wraps with
/// `forwarded=no`. Without that parameter it is a message that was passed on.
[[nodiscard]] const mail::Entity& protected_fields(const mail::Entity& content);

/// Compares the fields that a signature covers with those outside.
///
/// Content marked with hp="clear" or hp="cipher" (RFC 9788 §2.1) holds copies of all fields of its
/// sender: covers_all is taken away where one that a reader is shown differs or was added; others
/// that differ are a remark. Of content without that mark only From, To, Cc, Subject and Date are
/// compared, and From by the name beside the address, where both have one: that the addresses agree
/// is checked elsewhere.
///
/// A difference that the sender meant is none: of a decrypted message with hp="cipher", outside may
/// stand what HP-Outer says (RFC 9788 §2.2), and that the field was confidential is a remark.
void compare_protected_fields(Peeled& peeled, const mail::Entity& content, const mail::Entity& top);

/// Puts the protected fields of a decrypted `content` in the place of what stands for them in the
/// outer head: of content with hp="cipher" the subject and other fields of a closed list, else a
/// subject that a placeholder stands for. Never From, Sender or any field of ours: whoever wrote an
/// encrypted entity must not write those (CVE-2026-27443).
void reveal_protected_fields(mail::HeadEdit& head, const mail::Entity& content,
                             const mail::Entity& top);

}  // namespace siegel::crypt
