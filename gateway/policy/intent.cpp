#include "gateway/policy/intent.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <optional>

#include <unicase.h>
#include <uninorm.h>

#include "base/ascii.h"
#include "base/handle.h"
#include "base/utf8.h"
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

void free_text(std::uint8_t* text) {
  std::free(text);  // libunistring allocates with malloc
}

/// How a tag counts when it is compared: "any case" holds for umlauts too, however they are
/// composed.
std::string folded(std::string_view text) {
  std::size_t size = 0;
  const Handle<std::uint8_t, free_text> result(
      u8_casefold(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr,
                  UNINORM_NFKC, nullptr, &size));
  if (!result) return std::string(text);
  return {reinterpret_cast<const char*>(result.get()), size};
}

bool is_padding(char32_t value) {
  constexpr std::u32string_view blanks = U" \t\u00A0\u2002\u2003\u2009\u202F\u3000";
  return blanks.find(value) != std::u32string_view::npos || is_invisible(value);
}

/// Where the last character of `text` begins.
std::size_t last_character(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return at;
}

/// `text` without blanks at its ends, also those that come with pasted text and that nobody sees: a
/// tag behind one of them is still meant.
std::string_view trimmed(std::string_view text) {
  for (auto point = first_code_point(text); point && is_padding(point->value);
       point = first_code_point(text)) {
    text.remove_prefix(point->octets);
  }
  while (!text.empty()) {
    const std::size_t start = last_character(text);
    const auto point = first_code_point(text.substr(start));
    if (!point || !is_padding(point->value)) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

/// The tag of `known` that `text` is, in lower case as it is configured.
std::optional<std::string> known_tag(const std::vector<std::string>& known, std::string_view text) {
  const std::string wanted = folded(trimmed(text));
  for (const std::string& tag : known) {
    if (folded(tag) == wanted) return ascii::lower(tag);
  }
  return std::nullopt;
}

std::optional<std::string> control_tag(const config::Tags& tags, std::string_view text) {
  for (const auto* known : {&tags.encrypt, &tags.plain, &tags.sign}) {
    if (auto tag = known_tag(*known, text)) return tag;
  }
  return std::nullopt;
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
    subject.rest = trimmed(subject.rest);
    if (const std::size_t length = reply_prefix(subject.rest); length > 0) {
      subject.prefixes += subject.rest.substr(0, length);
      subject.rest.remove_prefix(length);
      continue;
    }
    const auto tag = leading_tag(subject.rest);
    auto control = tag ? control_tag(known, *tag) : std::nullopt;
    if (!control) return;
    subject.tags.push_back(*std::move(control));
    subject.rest.remove_prefix(tag->size() + 2);
  }
}

void take_trailing(Dissected& subject, const config::Tags& known) {
  while (true) {
    subject.rest = trimmed(subject.rest);
    const auto tag = trailing_tag(subject.rest);
    auto control = tag ? control_tag(known, *tag) : std::nullopt;
    if (!control) return;
    subject.tags.push_back(*std::move(control));
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
    return std::ranges::any_of(
        intent.tags, [&](const std::string& tag) { return known_tag(known, tag).has_value(); });
  };
  std::ranges::copy_if(
      intent.tags, std::back_inserter(intent.encrypt_tags),
      [&](const std::string& tag) { return known_tag(tags.encrypt, tag).has_value(); });
  // RFC 2156 §5.3.4 (Sensitivity): Outlook, Notes and OWA set it without an add-in.
  intent.encrypt = !intent.encrypt_tags.empty() ||
                   says(top, "Sensitivity", "company-confidential") ||
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
