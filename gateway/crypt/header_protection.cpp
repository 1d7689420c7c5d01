#include "gateway/crypt/header_protection.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/error.h"
#include "base/utf8.h"
#include "gateway/crypt/content_type_field.h"
#include "gateway/crypt/header_names.h"
#include "gateway/crypt/header_protection_display.h"
#include "gateway/crypt/header_reading.h"
#include "gateway/crypt/inspect_wrapping.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/safe_field.h"
#include "gateway/mail/scan.h"
#include "gateway/mail/survey.h"

namespace siegel::crypt {
namespace {

using mail::Field;
using mail::Message;
using mail::Prepared;

constexpr std::string_view hidden_subject = "[...]";  // RFC 9788 §3, hcp_baseline

[[noreturn]] void refuse_to_hide(std::string_view why) {
  throw Error(Fault::peer,
              "The subject of this message cannot be hidden, because " + std::string(why) +
                  "; send it again as an ordinary message with a subject that anybody may read.");
}

// --- copies

/// One field as it stands inside.
struct Copy {
  std::string text;     ///< with its line end
  bool is_raw = false;  ///< of UTF-8 that has no other form: it survives under a seal only
};

/// RFC 6532 addresses have no form of seven bits. What else is unsafe is not taken along.
bool is_only_wide(std::string_view text) {
  mail::Survey seen = mail::survey(text);
  seen.has_8bit = false;
  return seen.is_safe() && is_utf8(text);
}

/// The form in which `field` gets through; nothing if there is none, or if it would read otherwise.
std::optional<std::string> safe_form(const Field& field) {
  auto safe = mail::to_safe_field(field);
  if (!safe && !is_structured_field(field.name))
    safe = mail::make_field(field.name, mail::decode_text(field.body));
  if (!safe) return std::nullopt;
  const auto message = Message::parse(Blob(*safe + "\r\n"));
  const auto& fields = message.top().fields;
  const bool is_same = fields.size() == 1 && field_as_read(field.name, fields.front().body) ==
                                                 field_as_read(field.name, field.body);
  return is_same && mail::survey(*safe).is_safe() ? safe : std::nullopt;
}

std::optional<Copy> copy_of(const Field& field) {
  if (auto safe = safe_form(field)) return Copy{*std::move(safe)};
  if (!is_user_facing_field(field.name) || !is_only_wide(field.octets)) return std::nullopt;
  return Copy{std::string(field.octets), true};
}

/// RFC 9788 §2.2: `HP-Outer: To: x@y.example`, folded anew if it has become too long.
std::optional<std::string> as_outer(const Copy& told) {
  std::string text = "HP-Outer: " + told.text;
  if (told.is_raw) return is_only_wide(text) ? std::optional(std::move(text)) : std::nullopt;
  const auto message = Message::parse(Blob(text + "\r\n"));
  return message.top().fields.empty() ? std::nullopt : safe_form(message.top().fields.front());
}

bool is_hidden(const Field& field, HeaderProtection protection) {
  return protection == HeaderProtection::hidden_subject && is_informational_field(field.name);
}

/// What stands outside for `field`, of which `copy` stands inside; empty if nothing does.
std::optional<std::string> announced(const Field& field, const Copy& copy,
                                     HeaderProtection protection) {
  if (protection == HeaderProtection::clear) return std::string();
  if (!is_hidden(field, protection)) return as_outer(copy);
  if (!ascii::equals_ignoring_case(field.name, "Subject")) return std::string();
  return as_outer({mail::make_field("Subject", hidden_subject)});
}

/// Copies and announcements together.
struct Copies {
  std::string fields, outer;
  bool has_raw = false;
  bool tells_hidden_subject = false;
};

/// Adds a field; false if it cannot be said inside.
bool add(Copies& copies, const Field& field, HeaderProtection protection) {
  const auto copy = copy_of(field);
  if (!copy) return false;
  const auto outer = announced(field, *copy, protection);
  if (!outer) return false;
  copies.fields += copy->text;
  copies.has_raw = copies.has_raw || copy->is_raw;
  // Of several Subject fields one is left outside, and that is said once.
  const bool is_hidden_subject = is_hidden(field, protection) && !outer->empty();
  if (!is_hidden_subject || !copies.tells_hidden_subject) copies.outer += *outer;
  copies.tells_hidden_subject = copies.tells_hidden_subject || is_hidden_subject;
  return true;
}

bool is_protected(const Field& field) {
  return is_field_name(field.name) && !is_structural_field(field.name) &&
         !is_outside_field(field.name);
}

/// Nothing if a field that a reader is shown cannot be copied: without it the others would mislead,
/// because a reader that knows RFC 9788 shows the copies only.
std::optional<Copies> copies_of(const Octets& leaving, HeaderProtection protection) {
  Octets head = leaving;
  const auto message = Message::parse(head.append(std::string("\r\n")).join());
  Copies copies;
  for (const Field& field : message.top().fields) {
    if (!is_protected(field) || add(copies, field, protection)) continue;
    if (is_user_facing_field(field.name)) return std::nullopt;
  }
  return copies;
}

// --- the head of the content

struct HeadAndBody {
  std::string head;
  Octets body;
};

HeadAndBody split(const Prepared& prepared) {
  HeadAndBody parts;
  for (const Blob& slice : prepared.entity.slices()) {
    const auto missing = std::min(prepared.head_size - parts.head.size(), slice.size());
    parts.head += slice.view().substr(0, missing);
    if (missing < slice.size()) parts.body.append(slice.slice(slice.view().substr(missing)));
  }
  return parts;
}

std::string_view mark_of(HeaderProtection protection) {
  return protection == HeaderProtection::clear ? "clear" : "cipher";
}

/// The head of the content with its type marked by `marks`, below `copies`.
std::optional<std::string> marked_head(const std::string& head, const Copies& copies,
                                       const mail::Parameters& marks) {
  const auto message = Message::parse(Blob(std::string(head)));
  const auto type = content_type_field(message.top(), marks);
  if (!type) return std::nullopt;
  std::string text = copies.fields;
  for (const Field& field : message.top().fields)
    text += ascii::equals_ignoring_case(field.name, "Content-Type") ? *type : field.octets;
  text += copies.outer + "\r\n";
  // a head that we would not read to its end, others need not read either.
  const bool is_read =
      !Message::parse(Blob(std::string(text))).top().has(mail::Defect::head_too_long);
  return is_read ? std::optional(std::move(text)) : std::nullopt;
}

/// `prepared` with another head.
Prepared with_head(const Prepared& prepared, std::string head, bool must_be_opaque) {
  const std::size_t size = head.size();
  Octets entity(Blob(std::move(head)));
  return {entity.append(split(prepared).body), must_be_opaque, size};
}

std::optional<Prepared> with_copies(const Prepared& prepared, const Octets& leaving,
                                    HeaderProtection protection, WideCopies wide) {
  const auto copies = copies_of(leaving, protection);
  if (!copies || (copies->has_raw && wide == WideCopies::avoided)) return std::nullopt;
  auto head =
      marked_head(split(prepared).head, *copies, {{"hp", std::string(mark_of(protection))}});
  if (!head) return std::nullopt;
  return with_head(prepared, *std::move(head), prepared.must_be_opaque || copies->has_raw);
}

/// Marks that the content brings along would claim copies that are not there.
Prepared without_marks(const Message& message, Prepared prepared) {
  if (!has_protection_mark(message.top())) return prepared;
  auto head = marked_head(split(prepared).head, {}, {});
  if (!head) return prepared;
  return with_head(prepared, *std::move(head), prepared.must_be_opaque);
}

/// True if the subject stands inside already: the client that signed has protected it.
bool holds_subject(const Message& message) {
  const bool is_signed = wrapping_of(message.top()) == Wrapping::smime_detached ||
                         wrapping_of(message.top()) == Wrapping::openpgp_signed;
  return is_signed && !message.top().parts.empty() &&
         message.top().parts.front().count("Subject") == 1;
}

}  // namespace

HeaderProtection header_protection(const policy::Treatment& treatment, const Message& message) {
  if (!treatment.protect_headers || !(treatment.signs() || treatment.encrypts()))
    return HeaderProtection::none;
  const bool hides =
      treatment.hide_subject && treatment.encrypts() && message.top().count("Subject") > 0;
  if (wrapping_of(message.top()) != Wrapping::none) {
    if (hides && !holds_subject(message))
      refuse_to_hide("the mail program has signed the message without it");
    return hides ? HeaderProtection::hidden_subject : HeaderProtection::none;
  }
  if (!treatment.encrypts()) return HeaderProtection::clear;
  return hides ? HeaderProtection::hidden_subject : HeaderProtection::cipher;
}

WideCopies wide_copies(const policy::Treatment& treatment) {
  const bool is_sealed = treatment.encrypts() && !treatment.sign_openpgp;
  return is_sealed ? WideCopies::taken : WideCopies::avoided;
}

Prepared protected_content(const Message& message, const Octets& leaving,
                           HeaderProtection protection, WideCopies wide) {
  const bool is_wrapped = wrapping_of(message.top()) != Wrapping::none;
  if (is_wrapped || protection == HeaderProtection::none)
    return is_wrapped ? mail::prepare(message) : without_marks(message, mail::prepare(message));
  const bool hides = protection == HeaderProtection::hidden_subject;
  const Prepared prepared =
      mail::prepare(hides ? with_displayed_subject(message, leaving) : message);
  const WideCopies taken = hides ? WideCopies::taken : wide;
  if (auto result = with_copies(prepared, leaving, protection, taken)) return *std::move(result);
  if (hides) refuse_to_hide("its head cannot be read in one way only");
  return without_marks(message, prepared);
}

void hide_fields(mail::HeadEdit& head, const Message& message, HeaderProtection protection) {
  if (protection != HeaderProtection::hidden_subject) return;
  head.drop([](const Field& field) { return is_informational_field(field.name); });
  if (message.top().count("Subject") > 0)
    head.replace("Subject", mail::make_field("Subject", hidden_subject));
}

}  // namespace siegel::crypt
