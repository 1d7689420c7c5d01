#include "gateway/crypt/inspect_ambiguity.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/parameters.h"
#include "gateway/mail/tokens.h"

namespace siegel::crypt {
namespace {

using mail::Defect;
using mail::Entity;

/// True if a field other than From, which may stand only once, stands twice.
bool has_doubled_field_but_from(const Entity& top) {
  static constexpr std::array<std::string_view, 9> once{
      "Sender",     "Reply-To",    "To",         "Cc",          "Subject",
      "Message-ID", "In-Reply-To", "References", "MIME-Version"};
  const auto is_doubled = [&](std::string_view name) { return top.count(name) > 1; };
  return std::ranges::any_of(once, is_doubled) || is_doubled("Date") ||
         std::ranges::any_of(top.fields, [&](const mail::Field& field) {
           return ascii::starts_ignoring_case(field.name, "Content-") && is_doubled(field.name);
         });
}

/// True if a field that says how a part is shown stands twice, and not with the same words.
bool contradicts_itself(const Entity& part) {
  static constexpr std::array<std::string_view, 3> shown_by{
      "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"};
  return std::ranges::any_of(part.fields, [&](const mail::Field& field) {
    const auto is_this = [&](auto name) { return ascii::equals_ignoring_case(field.name, name); };
    return std::ranges::any_of(shown_by, is_this) &&
           ascii::trim(field.body) != ascii::trim(part.field(field.name)->body);
  });
}

/// True if all that is wrong with a Content-Type is a parameter that stands there twice with the
/// same value.
bool repeats_itself(const Entity& part) {
  const mail::Field* field = part.field("Content-Type");
  if (field == nullptr) return false;
  const mail::ParameterList list = mail::read_parameters(field->body);
  return list.has_duplicates && std::ranges::all_of(list.parameters, [&](const auto& parameter) {
           const auto& [name, value] = parameter;
           return name.find('*') == std::string::npos && list.find(name) == value;
         });
}

/// `name` at the end of a Content-Type without the quotes that its blanks demand: many programs
/// write it so, and all read the same type.
bool is_loose_name(std::string_view parameter) {
  mail::Tokens tokens(ascii::trim(parameter));
  const auto name = tokens.take_while(mail::is_token_character);
  if (!ascii::equals_ignoring_case(name, "name") || !tokens.take('=')) return false;
  return std::ranges::all_of(tokens.rest(),
                             [](char c) { return c == ' ' || mail::is_token_character(c); });
}

/// True if all that is wrong with the Content-Type of a leaf is such a name.
bool is_only_loosely_named(const Entity& entity) {
  const mail::Field* field = entity.field("Content-Type");
  if (field == nullptr || !entity.parts.empty() || entity.content_type.type == "multipart")
    return false;
  const auto last = field->body.rfind(';');
  if (last == std::string_view::npos || !is_loose_name(field->body.substr(last + 1))) return false;
  std::vector<Defect> defects;
  static_cast<void>(mail::parse_content_type(field->body.substr(0, last), defects));
  return defects.empty();
}

/// A line over 998 octets breaks a rule of transport, but every reader reads it alike.
bool is_ambiguous(const Entity& entity, Defect defect) {
  if (defect == Defect::malformed_content_type) return !is_only_loosely_named(entity);
  return defect != Defect::line_too_long;
}

bool is_ambiguous_on_top(const Entity& top, Defect defect) {
  if (defect == Defect::duplicate_field) return has_doubled_field_but_from(top);
  return is_ambiguous(top, defect);
}

/// A multipart within another that is never closed ends with it, for everybody.
bool is_ambiguous_below(const Entity& part, Defect defect) {
  if (defect == Defect::duplicate_field) return contradicts_itself(part);
  if (defect == Defect::duplicate_parameter) return !repeats_itself(part);
  return defect != Defect::missing_close_delimiter && is_ambiguous(part, defect);
}

bool is_ambiguous_attached(const Entity& message, Defect defect) {
  return defect != Defect::field_without_colon && defect != Defect::blank_before_colon &&
         is_ambiguous_below(message, defect);
}

std::optional<Defect> first_defect(const Entity& entity, bool (*counts)(const Entity&, Defect)) {
  const auto found =
      std::ranges::find_if(entity.defects, [&](Defect defect) { return counts(entity, defect); });
  return found == entity.defects.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::optional<Defect> ambiguity_of(const Entity& entity) {
  return first_defect(entity, is_ambiguous);
}

std::optional<Defect> ambiguity_of_top(const Entity& top) {
  return first_defect(top, is_ambiguous_on_top);
}

std::optional<Defect> ambiguity_below(const Entity& payload) {
  const bool is_attached = payload.content_type.is("message", "rfc822");
  for (const Entity& part : payload.parts) {
    auto found = first_defect(part, is_attached ? is_ambiguous_attached : is_ambiguous_below);
    if (!found) found = ambiguity_below(part);
    if (found) return found;
  }
  return std::nullopt;
}

std::string_view in_words(Defect defect) noexcept {
  switch (defect) {
    case Defect::field_without_colon:
      return "its head holds a line that is no field";
    case Defect::blank_before_colon:
      return "a blank stands before the colon of a field";
    case Defect::duplicate_field:
      return "a field that may stand once stands twice";
    case Defect::nul_octet:
      return "it holds a NUL character";
    case Defect::bare_line_end:
      return "it holds an incomplete line end";
    case Defect::line_too_long:
      return "it holds a line that is too long";
    case Defect::head_too_long:
      return "its head is too long";
    case Defect::malformed_content_type:
      return "the type of its content cannot be read";
    case Defect::duplicate_parameter:
      return "the type of its content says the same thing twice";
    case Defect::missing_boundary:
      return "where its parts begin cannot be told";
    case Defect::missing_close_delimiter:
      return "the end of its last part is missing";
    case Defect::nested_boundary:
      return "the marks between its parts are not distinct";
    case Defect::bad_transfer_encoding:
      return "how its content is encoded cannot be told";
    case Defect::base64_junk:
      return "its base64 text is damaged";
    case Defect::too_deep:
      return "its parts are nested too deep";
    case Defect::too_many_parts:
      return "it has too many parts";
    case Defect::offset_mismatch:
      break;
  }
  return "where its parts end is not clear";
}

}  // namespace siegel::crypt
