#include "gateway/policy/intent.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "gateway/mail/fields.h"
#include "gateway/policy/subject.h"

namespace siegel::policy {
namespace {

using mail::Entity;

bool is_pkcs7_mime(const Entity& entity) {
  const mail::ContentType& type = entity.content_type;
  if (type.is("application", "pkcs7-mime") || type.is("application", "x-pkcs7-mime")) return true;
  // RFC 8551 §3.10: some senders only give the file name.
  return type.is("application", "octet-stream") && ascii::lower(entity.file_name).ends_with(".p7m");
}

bool says_signed(const Entity& entity) {
  const std::string kind = ascii::lower(entity.content_type.parameter("smime-type"));
  return kind == "signed-data" || kind == "certs-only";
}

bool is_calendar_request(const Entity& entity) {
  return entity.content_type.is("text", "calendar") &&
         !entity.content_type.parameter("method").empty();
}

// RFC 6047 §2.4: an iMIP body is the top entity or one of its alternatives; groupware wraps the
// alternatives once more when the invitation has attachments.
bool holds_invitation(const Entity& entity, int levels_left = 3) {
  if (is_calendar_request(entity)) return true;
  if (levels_left == 0 || entity.content_type.type != "multipart") return false;
  return std::ranges::any_of(entity.parts, [&](const Entity& part) {
    return part.disposition != "attachment" && holds_invitation(part, levels_left - 1);
  });
}

std::string value_of(const mail::Field& field) {
  return ascii::lower(mail::bare_value(field.body));
}

std::string value_of(const Entity& top, std::string_view field_name) {
  const mail::Field* field = top.field(field_name);
  return field == nullptr ? std::string() : value_of(*field);
}

/// True if any field of this name says so: of two that differ, the wish must not get lost.
bool says(const Entity& top, std::string_view field_name, std::string_view value) {
  return std::ranges::any_of(top.fields, [&](const mail::Field& field) {
    return ascii::equals_ignoring_case(field.name, field_name) && value_of(field) == value;
  });
}

bool says_yes(const Entity& top, std::string_view field_name) {
  return says(top, field_name, "yes") || says(top, field_name, "true") ||
         says(top, field_name, "1");
}

}  // namespace

Kind kind_of(const Entity& top) {
  Kind kind;
  const mail::ContentType& type = top.content_type;
  const bool is_opaque = is_pkcs7_mime(top);
  kind.is_signed = type.is("multipart", "signed") || (is_opaque && says_signed(top));
  kind.is_encrypted = type.is("multipart", "encrypted") || (is_opaque && !says_signed(top));
  kind.is_report = type.is("multipart", "report");
  kind.is_invitation = holds_invitation(top);
  kind.is_fragment = type.is("message", "partial") || type.is("message", "external-body");
  const std::string automatic = value_of(top, "Auto-Submitted");
  kind.is_auto_submitted = !automatic.empty() && automatic != "no";
  kind.is_list_post = top.count("List-Id") > 0 || value_of(top, "Precedence") == "list";
  return kind;
}

Intent read_intent(const Entity& top, const config::Tags& tags) {
  Intent intent;
  for (const mail::Field& field : top.fields) {
    if (!ascii::equals_ignoring_case(field.name, "Subject")) continue;
    std::ranges::copy(read_subject(field, tags).tags, std::back_inserter(intent.tags));
  }
  const auto asks = [&](const std::vector<std::string>& known) {
    return std::ranges::any_of(intent.tags,
                               [&](const std::string& tag) { return is_tag_of(known, tag); });
  };
  std::ranges::copy_if(intent.tags, std::back_inserter(intent.encrypt_tags),
                       [&](const std::string& tag) { return is_tag_of(tags.encrypt, tag); });
  // RFC 2156 §5.3.4 (Sensitivity): Outlook, Notes and OWA set it without an add-in.
  intent.encrypt = !intent.encrypt_tags.empty() ||
                   says(top, "Sensitivity", "company-confidential") ||
                   says_yes(top, "X-Siegel-Encrypt");
  intent.plain = asks(tags.plain) || says_yes(top, "X-Siegel-Plain");
  intent.sign = asks(tags.sign) || says_yes(top, "X-Siegel-Sign");
  return intent;
}

bool is_own_field(std::string_view field_name) {
  return ascii::starts_ignoring_case(field_name, "X-Siegel-");
}

}  // namespace siegel::policy
