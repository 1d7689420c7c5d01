#include "tests/mail/outline.h"

#include <array>

#include <fmt/format.h>

#include "base/utf8.h"

namespace siegel::tests {
namespace {

std::string_view name(mail::TransferEncoding encoding) {
  static constexpr std::array<std::string_view, 6> names{
      "7bit", "8bit", "binary", "quoted-printable", "base64", "unknown"};
  return names.at(static_cast<std::size_t>(encoding));
}

}  // namespace

std::string crlf(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') result += '\r';
    result += c;
  }
  return result;
}

mail::Message message(std::string_view text) {
  return mail::Message::parse(Blob(crlf(text)));
}

std::string defects(const mail::Entity& entity) {
  std::string names;
  for (const auto defect : entity.defects) {
    names += names.empty() ? "" : " ";
    names += mail::name(defect);
  }
  return names;
}

std::string outline(const mail::Entity& entity, std::size_t level) {
  std::string text = fmt::format("{:{}}{}/{} {} octets={} body={}", "", level * 2,
                                 entity.content_type.type, entity.content_type.subtype,
                                 name(entity.encoding), entity.octets.size(), entity.body.size());
  if (!entity.file_name.empty()) text += " file=" + printable(entity.file_name);
  if (!entity.defects.empty()) text += " !" + defects(entity);
  text += '\n';
  for (const auto& part : entity.parts) text += outline(part, level + 1);
  return text;
}

}  // namespace siegel::tests
