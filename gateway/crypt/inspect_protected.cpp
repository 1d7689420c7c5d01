#include "gateway/crypt/inspect_protected.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/ascii.h"
#include "gateway/mail/fields.h"

namespace siegel::crypt {
namespace {

using mail::Entity;
using mail::Field;

/// `text` without characters of `dropped`, with one blank where there were several.
std::string squeezed(std::string_view text, std::string_view dropped = {}) {
  std::string result;
  for (const char c : text) {
    if (dropped.find(c) != std::string_view::npos) continue;
    if (c == ' ' && (result.empty() || result.back() == ' ')) continue;
    result += c;
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

/// A field as a reader sees it, without what servers on the way write differently: folding, encoded
/// words, quotes and capital letters of addresses, comments of a date.
std::string as_read(std::string_view name, std::string_view body) {
  if (name == "Date") return mail::bare_value(body);
  const std::string text = mail::decode_text(body);
  return name == "Subject" ? squeezed(text) : ascii::lower(squeezed(text, "\"<>"));
}

std::string as_read(const Entity& entity, std::string_view name) {
  const Field* field = entity.field(name);
  return field == nullptr ? std::string() : as_read(name, field->body);
}

/// What senders put in the place of a Subject that is encrypted. It says nothing, so nothing false.
bool is_placeholder(std::string_view name, std::string_view shown) {
  static constexpr std::array<std::string_view, 3> words{"...", "[...]", "Encrypted Message"};
  return name == "Subject" && std::ranges::find(words, shown) != words.end();
}

/// RFC 9788 §2.2: `HP-Outer: Subject: [...]`, one for each field that the sender wrote outside.
bool is_announced(const Entity& fields, std::string_view name, const std::string& shown) {
  bool is_named = false;
  for (const Field& field : fields.fields) {
    if (!ascii::equals_ignoring_case(field.name, "HP-Outer")) continue;
    const auto colon = std::min(field.body.find(':'), field.body.size());
    if (!ascii::equals_ignoring_case(ascii::trim(field.body.substr(0, colon)), name)) continue;
    is_named = true;
    const auto value = field.body.substr(std::min(colon + 1, field.body.size()));
    if (as_read(name, value) == shown) return true;
  }
  return !is_named && shown.empty();  // RFC 9788 §4: what is not announced was left out
}

/// True if the sender wanted this field to be shown like that outside an encryption.
bool is_meant(const Entity& fields, std::string_view name, const std::string& shown) {
  if (is_placeholder(name, shown)) return true;
  return ascii::lower(fields.content_type.parameter("hp")) == "cipher" &&
         is_announced(fields, name, shown);
}

bool differs(const Entity& fields, const Entity& top, std::string_view name) {
  if (fields.count(name) == 0) return false;
  if (name != "From") return as_read(fields, name) != as_read(top, name);
  const mail::Author own = mail::author(fields), shown = mail::author(top);
  return own.address == shown.address && !own.display_name.empty() && !shown.display_name.empty() &&
         own.display_name != shown.display_name;
}

}  // namespace

const Entity& protected_fields(const Entity& content) {
  const bool is_wrapped = content.content_type.is("message", "rfc822") && !content.parts.empty() &&
                          content.content_type.parameter("forwarded") == "no";
  return is_wrapped ? content.parts.front() : content;
}

void compare_protected_fields(Peeled& peeled, const Entity& content, const Entity& top) {
  static constexpr std::array<std::string_view, 5> shown{"From", "Subject", "To", "Cc", "Date"};
  const Entity& fields = protected_fields(content);
  for (const std::string_view name : shown) {
    if (!differs(fields, top, name)) continue;
    if (peeled.verdict.decrypted && is_meant(fields, name, as_read(top, name))) continue;
    peeled.leave_uncovered(fmt::format("the signed {} differs from the one that is shown", name));
  }
}

}  // namespace siegel::crypt
