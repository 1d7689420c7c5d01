#include "gateway/policy/intent.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "gateway/mail/fields.h"

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

std::string value_of(const Entity& top, std::string_view field_name) {
  const mail::Field* field = top.field(field_name);
  return field == nullptr ? std::string() : ascii::lower(mail::bare_value(field->body));
}

bool says_yes(const Entity& top, std::string_view field_name) {
  const std::string value = value_of(top, field_name);
  return value == "yes" || value == "true" || value == "1";
}

bool contains_tag(const std::vector<std::string>& tags, std::string_view tag) {
  return std::ranges::any_of(
      tags, [&](const std::string& known) { return ascii::equals_ignoring_case(known, tag); });
}

bool is_control_tag(const config::Tags& tags, std::string_view tag) {
  return contains_tag(tags.encrypt, tag) || contains_tag(tags.plain, tag) ||
         contains_tag(tags.sign, tag);
}

/// The length of a reply or forward prefix ("AW: ") at the start of `subject`, 0 if there is none.
std::size_t reply_prefix(std::string_view subject) {
  static constexpr std::array<std::string_view, 7> prefixes{
      "re:", "aw:", "fwd:", "fw:", "wg:", "sv:", "antw:"};
  for (const std::string_view prefix : prefixes) {
    if (!ascii::starts_ignoring_case(subject, prefix)) continue;
    const auto text = subject.find_first_not_of(" \t", prefix.size());
    return text == std::string_view::npos ? subject.size() : text;
  }
  return 0;
}

/// The bracketed tag at the very start of `text`, without its brackets.
std::optional<std::string_view> leading_tag(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const auto end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(1, end - 1);
}

std::optional<std::string_view> trailing_tag(std::string_view text) {
  if (!text.ends_with(']')) return std::nullopt;
  const auto start = text.rfind('[');
  if (start == std::string_view::npos) return std::nullopt;
  return text.substr(start + 1, text.size() - start - 2);
}

/// A subject taken apart: reply prefixes, control tags at either end, and the rest.
struct Dissected {
  std::string prefixes;
  std::vector<std::string> tags;
  std::string_view rest;
};

void take_leading(Dissected& subject, const config::Tags& known) {
  while (true) {
    subject.rest = ascii::trim(subject.rest);
    if (const std::size_t length = reply_prefix(subject.rest); length > 0) {
      subject.prefixes += subject.rest.substr(0, length);
      subject.rest.remove_prefix(length);
      continue;
    }
    const auto tag = leading_tag(subject.rest);
    if (!tag || !is_control_tag(known, ascii::trim(*tag))) return;
    subject.tags.push_back(ascii::lower(ascii::trim(*tag)));
    subject.rest.remove_prefix(tag->size() + 2);
  }
}

void take_trailing(Dissected& subject, const config::Tags& known) {
  while (true) {
    subject.rest = ascii::trim(subject.rest);
    const auto tag = trailing_tag(subject.rest);
    if (!tag || !is_control_tag(known, ascii::trim(*tag))) return;
    subject.tags.push_back(ascii::lower(ascii::trim(*tag)));
    subject.rest.remove_suffix(tag->size() + 2);
  }
}

Dissected dissect(std::string_view subject, const config::Tags& known) {
  Dissected result{{}, {}, subject};
  take_leading(result, known);
  take_trailing(result, known);
  return result;
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
  const std::string subject = mail::subject(top);
  intent.tags = dissect(subject, tags).tags;
  const auto asks = [&](const std::vector<std::string>& known) {
    return std::ranges::any_of(intent.tags,
                               [&](const std::string& tag) { return contains_tag(known, tag); });
  };
  // RFC 2156 §5.3.4 (Sensitivity): Outlook, Notes and OWA set it without an add-in.
  intent.encrypt = asks(tags.encrypt) || value_of(top, "Sensitivity") == "company-confidential" ||
                   says_yes(top, "X-Siegel-Encrypt");
  intent.plain = asks(tags.plain) || says_yes(top, "X-Siegel-Plain");
  intent.sign = asks(tags.sign) || says_yes(top, "X-Siegel-Sign");
  return intent;
}

std::string without_control_tags(const std::string& subject, const config::Tags& tags) {
  const Dissected parts = dissect(subject, tags);
  if (parts.tags.empty()) return subject;
  return parts.prefixes + std::string(parts.rest);
}

bool is_own_field(std::string_view field_name) {
  return ascii::starts_ignoring_case(field_name, "X-Siegel-");
}

}  // namespace siegel::policy
