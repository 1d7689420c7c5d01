#include "gateway/mail/message.h"

#include <algorithm>

#include "base/ascii.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/read.h"
#include "gateway/mail/transfer_encoding.h"

namespace siegel::mail {

std::string_view name(Defect defect) noexcept {
  switch (defect) {
    case Defect::field_without_colon:
      return "field-without-colon";
    case Defect::blank_before_colon:
      return "blank-before-colon";
    case Defect::duplicate_field:
      return "duplicate-field";
    case Defect::nul_octet:
      return "nul-octet";
    case Defect::bare_line_end:
      return "bare-line-end";
    case Defect::line_too_long:
      return "line-too-long";
    case Defect::head_too_long:
      return "head-too-long";
    case Defect::malformed_content_type:
      return "malformed-content-type";
    case Defect::duplicate_parameter:
      return "duplicate-parameter";
    case Defect::missing_boundary:
      return "missing-boundary";
    case Defect::missing_close_delimiter:
      return "missing-close-delimiter";
    case Defect::nested_boundary:
      return "nested-boundary";
    case Defect::bad_transfer_encoding:
      return "bad-transfer-encoding";
    case Defect::base64_junk:
      return "base64-junk";
    case Defect::too_deep:
      return "too-deep";
    case Defect::too_many_parts:
      return "too-many-parts";
    case Defect::offset_mismatch:
      return "offset-mismatch";
  }
  return "unknown";
}

bool ContentType::is(std::string_view wanted_type, std::string_view wanted_subtype) const {
  return type == wanted_type && subtype == wanted_subtype;
}

std::string_view ContentType::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, [](const auto& p) { return p.first; });
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

const Field* Entity::field(std::string_view name) const {
  const auto found = std::ranges::find_if(
      fields, [&](const Field& f) { return ascii::equals_ignoring_case(f.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

std::size_t Entity::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields, [&](const Field& f) { return ascii::equals_ignoring_case(f.name, name); }));
}

bool Entity::has(Defect defect) const {
  return std::ranges::find(defects, defect) != defects.end();
}

std::string Entity::decoded_body() const {
  if (encoding == TransferEncoding::base64) return decode_base64(body);
  if (encoding == TransferEncoding::quoted_printable) return decode_quoted_printable(body);
  return std::string(body);
}

bool Entity::is_defective() const {
  return !defects.empty() || std::ranges::any_of(parts, &Entity::is_defective);
}

Message Message::parse(Blob octets) {
  Message message;
  message.top_ = read_entity_tree(octets.view());
  message.blob_ = std::move(octets);
  return message;
}

}  // namespace siegel::mail
