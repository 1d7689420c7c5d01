#include "gateway/crypt/inspect_content.h"

#include <utility>

#include "base/ascii.h"

namespace siegel::crypt {
namespace {

using mail::Field;

bool is_first_of_its_name(const mail::Entity& entity, const Field& field) {
  const Field* first = entity.field(field.name);
  return first != nullptr && first->octets.data() == field.octets.data();
}

void append_content_fields(Octets& result, const mail::Message& entity) {
  for (const Field& field : entity.top().fields) {
    // RFC 1864: the sum was made for another transfer; what we pass on is not checked against it.
    if (!mail::is_content_field(field) || ascii::equals_ignoring_case(field.name, "Content-MD5"))
      continue;
    if (is_first_of_its_name(entity.top(), field)) result.append(entity.slice(field.octets));
  }
}

/// The fields that stay outside when content is wrapped, and MIME-Version if there was none.
Octets fields_without_content(const mail::Message& outer, mail::HeadEdit head) {
  Octets fields = head.drop(mail::is_content_field).fields();
  if (outer.top().count("MIME-Version") == 0)
    fields.append(mail::make_field("MIME-Version", "1.0"));
  return fields;
}

}  // namespace

Octets outer_fields(const mail::Message& outer) {
  return fields_without_content(outer, mail::HeadEdit(outer));
}

Octets with_content(const mail::Message& outer, const mail::Message& entity) {
  return with_content(outer, mail::HeadEdit(outer), entity);
}

Octets with_content(const mail::Message& outer, mail::HeadEdit head, const mail::Message& entity) {
  Octets result = fields_without_content(outer, std::move(head));
  append_content_fields(result, entity);
  result.append(std::string("\r\n"));
  return result.append(entity.slice(entity.top().body));
}

}  // namespace siegel::crypt
