#include "gateway/crypt/transform.h"

#include <optional>

#include "base/ascii.h"
#include "base/error.h"
#include "gateway/crypt/annotate.h"
#include "gateway/crypt/autocrypt.h"
#include "gateway/crypt/header_protection.h"
#include "gateway/crypt/neutralise.h"
#include "gateway/crypt/openpgp_wrap.h"
#include "gateway/crypt/transform_wrap.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/prepare.h"
#include "gateway/mail/trace.h"
#include "gateway/policy/intent.h"
#include "gateway/policy/subject.h"

namespace siegel::crypt {
namespace {

using mail::HeadEdit;
using mail::Message;
using policy::Treatment;

/// what was not looked at cannot be cleaned, and is not passed on in part.
void refuse_unread_head(const Message& message) {
  if (!message.top().has(mail::Defect::head_too_long)) return;
  throw Error(
      Fault::peer,
      "The message's header is too long; send it again with fewer or shorter header fields.");
}

/// A head that begins with a folded line: it would become part of the field that we put above it,
/// and add to what we say.
bool continues_field_above(const mail::Field& field) {
  return field.name.empty() && !field.octets.empty() && ascii::is_blank(field.octets.front());
}

/// RFC 5322 §3.6.3: whom only the sender knows of, nobody else may read of.
bool is_hidden_recipient_field(const mail::Field& field) {
  return ascii::equals_ignoring_case(field.name, "Bcc") ||
         ascii::equals_ignoring_case(field.name, "Resent-Bcc");
}

/// Our control tags go, and our display tags of the message replied to. Of several Subject fields,
/// if a tag stands in any, the first is left, so that no reader is shown what was a wish.
void clean_subject(HeadEdit& head, const mail::Entity& top, const config::Tags& tags) {
  std::optional<std::string> first;
  bool is_changed = false;
  for (const mail::Field& field : top.fields) {
    if (!ascii::equals_ignoring_case(field.name, "Subject")) continue;
    policy::SubjectReading reading = policy::read_subject(field, tags);
    is_changed = is_changed || reading.has_tags;
    if (!first) first = std::move(reading.rest);
  }
  if (is_changed) head.replace("Subject", mail::make_field("Subject", *first));
}

/// Our control fields and subject tags never leave, nor do hidden recipients.
void clean(HeadEdit& head, const Message& message, const config::Tags& tags) {
  head.drop([](const mail::Field& field) { return policy::is_own_field(field.name); });
  head.drop(is_hidden_recipient_field);
  clean_subject(head, message.top(), tags);
}

/// `message` without the client's signature, if that is to be replaced; else the message itself.
Message to_be_wrapped(const Message& message, const Treatment& treatment) {
  return treatment.replace_signature ? without_signature(message) : message;
}

/// The opened message as it may be delivered.
Message opened(const Inspection& seen) {
  return may_be_altered(seen.verdict) ? neutralised(*seen.opened) : *seen.opened;
}

/// Signed, encrypted, or both, in this order (RFC 8551 §3.7).
Octets wrapped_by_smime(const mail::Prepared& prepared, const Treatment& treatment, Time now) {
  Octets entity = prepared.entity;
  if (treatment.sign) {
    entity = prepared.must_be_opaque ? opaquely_signed(entity, *treatment.sign, now)
                                     : clearly_signed(entity, *treatment.sign, now);
  }
  if (treatment.encrypt_to.empty()) return entity;
  return encrypted(entity, treatment.encrypt_to, treatment.encrypt_to_self);
}

/// The same by OpenPGP (RFC 3156 §6.1).
Octets wrapped_by_openpgp(const mail::Prepared& prepared, const Treatment& treatment,
                          const pki::OpenPgpKeys* openpgp, Time now) {
  if (openpgp == nullptr)
    throw Error(
        Fault::ours, "The message could not be protected; try again later.",
        "a treatment by OpenPGP, which is not set up: write the section openpgp in siegel.yaml");
  const pki::Gpg& gpg = openpgp->gpg();
  Octets entity = prepared.entity;
  if (treatment.sign_openpgp) {
    if (prepared.must_be_opaque) entity = openpgp::as_file(entity);
    entity = openpgp::clearly_signed(entity, *treatment.sign_openpgp, gpg);
  }
  if (treatment.encrypt_to_openpgp.empty()) return entity;
  return openpgp::encrypted(
      entity, {treatment.encrypt_to_openpgp, treatment.encrypt_to_self_openpgp}, gpg, now);
}

bool is_by_openpgp(const Treatment& treatment) {
  return treatment.sign_openpgp || !treatment.encrypt_to_openpgp.empty();
}

Octets wrapped_content(const mail::Prepared& prepared, const Treatment& treatment,
                       const pki::OpenPgpKeys* openpgp, Time now) {
  return is_by_openpgp(treatment) ? wrapped_by_openpgp(prepared, treatment, openpgp, now)
                                  : wrapped_by_smime(prepared, treatment, now);
}

bool changes_content(const Treatment& treatment) {
  return treatment.signs() || treatment.encrypts();
}

void tell_key(HeadEdit& head, const Message& message, const Treatment& treatment) {
  const auto author = mail::author(message.top()).address;
  if (treatment.autocrypt && author)
    head.append(autocrypt::make_field(*author, *treatment.autocrypt));
}

/// The content made ready, and the outer head for it: copies of the fields go inside first, then
/// what is told inside only is hidden outside (RFC 9788).
mail::Prepared prepared_content(HeadEdit& head, const Message& message,
                                const Treatment& treatment) {
  const HeaderProtection protection = header_protection(treatment, message);
  mail::Prepared prepared =
      protected_content(message, head.fields(), protection, wide_copies(treatment));
  hide_fields(head, message, protection);
  return prepared;
}

/// The head with content that takes the place of the received one.
Octets rewrapped(HeadEdit& head, const Message& message, const Octets& content) {
  head.drop(mail::is_content_field);
  // RFC 2045 §4: what is MIME says so.
  if (message.top().count("MIME-Version") == 0)
    head.append(mail::make_field("MIME-Version", "1.0"));
  return head.fields().append(content);
}

}  // namespace

Octets transform(const config::Config& config, const mail::Envelope& envelope,
                 const Message& received, const Inspection& seen, const Treatment& treatment,
                 const pki::OpenPgpKeys* openpgp) {
  refuse_unread_head(received);
  const bool is_opened = treatment.open && seen.opened.has_value();
  const Message message = is_opened ? opened(seen) : to_be_wrapped(received, treatment);
  HeadEdit head(message);
  head.drop(continues_field_above);
  if (treatment.annotate) annotate(head, message, seen.verdict, config);
  if (treatment.clean_controls) clean(head, message, config.tags);
  tell_key(head, received, treatment);
  // RFC 5321 §4.4: trace information stands at the beginning.
  head.prepend(mail::received_field(envelope, config.name));
  if (!changes_content(treatment)) return head.message();
  const mail::Prepared prepared = prepared_content(head, message, treatment);
  return rewrapped(head, message, wrapped_content(prepared, treatment, openpgp, envelope.received));
}

}  // namespace siegel::crypt
