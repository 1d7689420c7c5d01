#include "gateway/crypt/content_type_field.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/mail/compose.h"

namespace siegel::crypt {
namespace {

using mail::ContentType;
using mail::Entity;
using mail::Parameters;

/// RFC 9788 §2.1, and what came before it.
bool is_protection_mark(std::string_view name) {
  return name == "hp" || name == "protected-headers";
}

bool is_named_in(const Parameters& parameters, std::string_view name) {
  return std::ranges::any_of(parameters, [&](const auto& own) { return own.first == name; });
}

/// What stays, and what is added.
Parameters parameters_of(const ContentType& type, const Parameters& added) {
  Parameters result;
  for (const auto& parameter : type.parameters) {
    if (!is_protection_mark(parameter.first) && !is_named_in(added, parameter.first))
      result.push_back(parameter);
  }
  result.insert(result.end(), added.begin(), added.end());
  return result;
}

/// The field as it was written, and more behind it.
std::string continued(std::string_view field, const Parameters& added) {
  const auto end = field.find_last_not_of("; \t\r\n");
  std::string text(field.substr(0, end + 1));
  for (const auto& [name, value] : added)
    text += fmt::format(";\r\n {}", mail::make_parameter(name, value));
  return text + "\r\n";
}

std::string written_anew(const ContentType& type, const Parameters& parameters) {
  std::string value = fmt::format("{}/{}", type.type, type.subtype);
  for (const auto& [name, content] : parameters)
    value += "; " + mail::make_parameter(name, content);
  return mail::make_structured_field("Content-Type", value);
}

bool says(const std::string& field, const ContentType& type, const Parameters& parameters) {
  const auto message = mail::Message::parse(Blob(field + "\r\n"));
  const Entity& top = message.top();
  // A multipart without its body lacks its boundary's lines, which says nothing of the field.
  return top.fields.size() == 1 && !top.has(mail::Defect::malformed_content_type) &&
         !top.has(mail::Defect::duplicate_parameter) && !top.has(mail::Defect::line_too_long) &&
         top.content_type.is(type.type, type.subtype) && top.content_type.parameters == parameters;
}

}  // namespace

bool has_protection_mark(const Entity& entity) {
  return std::ranges::any_of(entity.content_type.parameters, [](const auto& parameter) {
    return is_protection_mark(parameter.first);
  });
}

std::optional<std::string> content_type_field(const Entity& entity, const Parameters& added) {
  const ContentType& type = entity.content_type;
  const bool is_clear = !entity.has(mail::Defect::malformed_content_type) &&
                        !entity.has(mail::Defect::duplicate_parameter) &&
                        entity.count("Content-Type") <= 1;
  if (!is_clear) return std::nullopt;
  const Parameters wanted = parameters_of(type, added);
  const mail::Field* field = entity.field("Content-Type");
  const bool grows = field != nullptr && wanted.size() == type.parameters.size() + added.size();
  std::string text = grows ? continued(field->octets, added) : written_anew(type, wanted);
  if (!says(text, type, wanted)) return std::nullopt;
  return text;
}

}  // namespace siegel::crypt
