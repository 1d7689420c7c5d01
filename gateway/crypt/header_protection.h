#pragma once

#include "base/blob.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/message.h"
#include "gateway/mail/prepare.h"
#include "gateway/policy/decision.h"

/// Header protection on the way out (RFC 9788, with S/MIME and OpenPGP alike): copies of the
/// message's fields stand in the head of what is signed or encrypted, so that a change on the way
/// is noticed, and a subject can be told to its readers alone.
namespace siegel::crypt {

/// How the fields of one message are protected.
enum class HeaderProtection {
  none,
  clear,           ///< signed only: hp="clear"
  cipher,          ///< encrypted: hp="cipher"; outside they are all told as well
  hidden_subject,  ///< encrypted: outside stands what RFC 9788's hcp_baseline leaves
};

/// What `treatment` asks for. `message` is what is about to be wrapped: content that somebody else
/// has signed or encrypted cannot be given copies. Throws Error{peer} if its subject is to be
/// hidden and stands nowhere inside.
[[nodiscard]] HeaderProtection header_protection(const policy::Treatment& treatment,
                                                 const mail::Message& message);

/// Addresses of UTF-8 (RFC 6532) have no form of seven bits. A copy of one survives under a seal;
/// in clear it would cost the reader the clear text (STANDARDS §2.3 rule 9).
enum class WideCopies { taken, avoided };
[[nodiscard]] WideCopies wide_copies(const policy::Treatment& treatment);

/// The content of `message`, prepared to be signed (mail::prepare), with copies of `leaving`: the
/// fields of its head as they leave, without an empty line. Fields of servers on the way are not
/// copied, nor is what cannot be written safely and is not shown to a reader. Where the
/// Content-Type is not understood, the head would become longer than is read, or a field that a
/// reader is shown cannot be copied, there are no copies at all; Error{peer} is thrown if then
/// nobody could read the subject. With a hidden subject wide copies are always taken.
[[nodiscard]] mail::Prepared protected_content(const mail::Message& message, const Octets& leaving,
                                               HeaderProtection protection, WideCopies wide);

/// Takes out of an outer head what is told inside only: the subject becomes "[...]", keywords and
/// comments go. Does nothing for a protection that hides nothing.
void hide_fields(mail::HeadEdit& head, const mail::Message& message, HeaderProtection protection);

}  // namespace siegel::crypt
