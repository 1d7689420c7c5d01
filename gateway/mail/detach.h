#pragma once

#include <string>
#include <vector>

#include "base/blob.h"
#include "gateway/mail/message.h"

/// Taking attachments out of a message, so that a link can stand in for them.
namespace siegel::mail {

/// The parts that a reader is shown as files of their own, in their order: leaves and attached
/// messages of a multipart/mixed, or the one content of a message. What belongs to the text stays
/// out: its own parts, images shown within it, invitations. So does what cannot be taken out
/// without doing harm: signed, encrypted, TNEF, and anything with a defect at or above it.
/// The pointers live as long as `message`.
[[nodiscard]] std::vector<const Entity*> attachments(const Message& message);

/// What is put before the text of a message, in both of its forms.
struct Insertion {
  std::string text;  ///< UTF-8; lines end with \n
  std::string html;  ///< the same as a fragment of HTML, in US-ASCII
};

/// `message` without the parts `gone`, and with `insertion` above its text, both as text/plain and
/// as HTML, whichever it has. If it has neither, or one that cannot be changed, the first part that
/// goes becomes a text with the insertion. Nothing else changes, octet for octet.
/// REQUIRES: `gone` are some of attachments(message), in their order, at least one.
[[nodiscard]] Octets detached(const Message& message, const std::vector<const Entity*>& gone,
                              const Insertion& insertion);

}  // namespace siegel::mail
