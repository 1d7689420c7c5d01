#pragma once

#include "gateway/mail/message.h"
#include "gateway/policy/verdict.h"

/// What was encrypted without integrity (CBC) may have been altered on the way by somebody who
/// cannot read it: put together so that the reader's own mail program sends the text to him (EFAIL,
/// As plain text it can do no harm.
namespace siegel::crypt {

/// True if the opened content of a message may have been altered: a layer without integrity was
/// opened, and no signature inside it is good for all of it.
[[nodiscard]] bool may_be_altered(const policy::Verdict& verdict);

/// True if a text of the message is not what its own head says, as if blocks of it had been
/// exchanged: octets that are not UTF-8 where UTF-8 is declared, octets that are no text at all
/// where US-ASCII is. UTF-8 and Latin-1 under the name of US-ASCII are common and harmless.
/// Attachments, attached messages and signed parts are not looked at.
[[nodiscard]] bool contradicts_charset(const mail::Entity& entity);

/// `message` with nothing in it that a mail program would render or run:
///   HTML and XHTML to be read   their words as text/plain, under a line that says why
///   SVG, XML, HTML attachments, attached messages and signatures that cannot be read
///                               application/octet-stream, their octets unchanged, `.txt` behind
///                               the name
///   heads that can be read in two ways
///                               written anew: text as text/plain, all else as octet-stream
///   multipart/signed, multipart/related around any of these
///                               multipart/mixed: what they said of their parts is not true now
/// What is passive already stays as it was received, octet for octet; so does a message of nothing
/// else. The result is parsed and neutralised again until nothing is left to do.
[[nodiscard]] mail::Message neutralised(const mail::Message& message);

}  // namespace siegel::crypt
