#pragma once

#include "base/blob.h"
#include "gateway/mail/message.h"

namespace siegel::crypt {

/// `message` with its subject, as it stands in `leaving` (the fields as they leave), above the text
/// of its main body parts: the Legacy Display Elements of RFC 9788 §5.2.2 and §5.2.3, without which
/// a mail program that does not know hidden subjects would show none. Programs that know them leave
/// the lines out. Parts that are no plain or HTML text, that are attachments, whose character set
/// cannot write the subject, or that are damaged stay as they are.
[[nodiscard]] mail::Message with_displayed_subject(const mail::Message& message,
                                                   const Octets& leaving);

}  // namespace siegel::crypt
